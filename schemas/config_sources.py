"""The block `sources` of sync.yaml: where the records of both CRMs come from, and how a live one is asked."""

from pathlib import Path
from typing import Any, Literal

from pydantic import PrivateAttr, model_validator

from schemas.config_parts import Name, Part, placeholders, refuse, setting

LEAST_BUDGET = 100  # calls: what may be on its way at once before any of it is of use, so that each run gets further


class ApiSource(Part):
    """How `kind: api` asks a live CRM."""

    extra_properties: list[Name] = setting([], 'properties or fields fetched beside the mapped ones; ["*"]: all')
    overlap_minutes: int = setting(60, "how far each night reaches back into the one before", ge=0)
    id_sweep_nights: int = setting(7, "every how many nights ids are swept for hard deletions", ge=1)
    calculated_refresh_nights: int = setting(
        7,
        "every how many nights an object with calculated fields is fetched whole: they move no modification time",
        ge=1,
    )
    request_budget: int | None = setting(
        None,
        f"calls a run may make, {LEAST_BUDGET} at least; it stops there (exit status 4), the same command goes on; null is the "
        "CRM's own limit",
        ge=LEAST_BUDGET,
    )


class HubspotApi(ApiSource):
    """How `kind: api` asks a HubSpot portal."""

    history_properties: list[Name] = setting(
        [], "properties fetched with their history, which tells when each changed (P2-30); 50 records a call"
    )
    full_snapshot: Literal["paging", "export"] = setting(
        "paging",
        "how an object is fetched whole: page by page, or as one file through HubSpot's exports (scope crm.export)",
    )
    associations_nights: int = setting(1, "every how many nights associations are fetched, all of them", ge=1)

    @model_validator(mode="after")
    def _history_has_a_way(self) -> "HubspotApi":
        if self.full_snapshot == "export" and self.history_properties:
            raise refuse(
                "design 4",
                "an export holds no history, so full_snapshot: export and history_properties exclude each other",
            )
        return self


class Source(Part):
    """Where one CRM's records come from."""

    kind: Literal["exports", "api"] = setting("exports", "folders of export files, or the CRM's API")
    path: str | None = setting(None, "folder of one night's files; {night} is replaced; relative to this file")
    snapshot: Literal["full", "incremental"] = setting(
        "full", "full: a record not delivered is gone; incremental: it is unchanged"
    )
    api: ApiSource = setting(ApiSource(), "settings of kind: api")
    _base: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _has_a_folder(self) -> "Source":
        if self.kind == "exports" and not self.path:
            raise refuse("design 4", "kind: exports needs a path")
        if placeholders(self.path or "") - {"night"}:
            raise refuse("design 4", "only {night} can be replaced in a path")
        return self

    def model_post_init(self, context: Any) -> None:
        """Remember the folder of the file, against which the path is read."""
        self._base = (context or {}).get("folder", Path())

    @property
    def nightly(self) -> bool:
        """Whether each night has its own folder."""
        return "{night}" in (self.path or "")

    def folder(self, night: str) -> Path:
        """Absolute folder of one night's files."""
        return self._base / (self.path or "").replace("{night}", night)


class SalesforceSource(Source):
    """Where Salesforce's records come from."""

    absent: Literal["keep", "deleted"] = setting(
        "keep", "what absence from a full delivery means: keep the link, or treat as deleted"
    )


class HubspotSource(Source):
    """Where HubSpot's records come from."""

    api: HubspotApi = setting(HubspotApi(), "settings of kind: api")


class Sources(Part):
    """Both CRMs."""

    salesforce: SalesforceSource = setting(..., "Salesforce")
    hubspot: HubspotSource = setting(..., "HubSpot")
