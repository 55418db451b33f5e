"""The blocks of sync.yaml about what leaves: marketing status, import files, guards, retention."""

from typing import Literal

from pydantic import model_validator

from schemas.config_parts import AppName, FieldName, Moment, Name, Night, Part, placeholders, refuse, setting


class MarketingApp(Part):
    """The marketing-contact toggle of one app."""

    name: AppName = setting(..., "name of the app")
    auth: Literal["oauth", "api_key"] = setting("oauth", "apps with an API key share one toggle", "P1-34")
    enabled_at: Moment | None = setting(None, "when the toggle was turned on; null is off", "P1-36")
    creates_contacts: bool = setting(True, "a toggle of an app that creates none has no effect", "P1-38")


class Marketing(Part):
    """Marketing contacts."""

    can_set_status: bool = setting(True, "the permission to set marketing status", "P1-33")
    contact_tier: int | None = setting(None, "billing limit of marketing contacts", "P2-A4", ge=0)
    tier_exceeded: Literal["warn", "stop"] = setting("warn", "what exceeding the tier does", "P2-A4")
    next_update: Night | None = setting(None, "date on which demotions take effect", "P2-A3")
    apps: list[MarketingApp] = setting([], "toggles, one an app", "P1-35")


CommunicationBasis = Literal[
    "LEGITIMATE_INTEREST_PQL",
    "LEGITIMATE_INTEREST_CLIENT",
    "LEGITIMATE_INTEREST_OTHER",
    "PERFORMANCE_OF_CONTRACT",
    "CONSENT_WITH_NOTICE",
    "NON_GDPR",
]


class Communication(Part):
    """The legal basis for communicating with new contacts about one subscription type."""

    subscription: int = setting(..., "number of the subscription type", "P1-72", ge=1)
    legal_basis: CommunicationBasis = setting(..., "legal basis, HubSpot's own value", "P1-72")
    explanation: Name = setting(..., "how the basis came about; HubSpot keeps it with the status", "P1-72")


class Gdpr(Part):
    """Legal bases of a HubSpot import: for processing, and for communicating."""

    enabled: bool = setting(False, "the portal's GDPR setting", "P1-72")
    legal_basis: list[Name] = setting([], "legal bases for processing, HubSpot's own values", "P2-9F")
    communication: list[Communication] = setting([], "legal bases for communicating, one a subscription type", "P1-72")


class HubSpotImport(Part):
    """The HubSpot import request."""

    name: Name = setting("Crosswalk {night}", "name of the import", "P1-70")
    mode: Literal["upsert", "create", "update"] = setting("upsert", "what an import may do; the plan stays", "P2-93")
    marketing: bool = setting(False, "contacts are set as marketing contacts", "P1-71")
    create_list: bool = setting(False, "a static list of the imported contacts", "P2-9E")
    gdpr: Gdpr = setting(Gdpr(), "legal bases", "P1-72")

    @model_validator(mode="after")
    def _is_named_after_the_night(self) -> "HubSpotImport":
        if placeholders(self.name) - {"night"}:
            raise refuse("P1-70", "only {night} can be replaced in the name")
        return self


class SalesforceFiles(Part):
    """The Salesforce import files."""

    line_ending: Literal["LF", "CRLF"] = setting("LF", "line ending of the CSV files", "P2-B0")
    max_file_mb: int = setting(100, "a file is split above this many 1,000,000 bytes", "P2-B2", ge=1, le=100)
    external_id: FieldName | None = setting(None, "external id field by which records are upserted", "P2-B1")

    @model_validator(mode="after")
    def _can_find_what_is_made(self) -> "SalesforceFiles":
        if (self.external_id or "").casefold() == "id":
            raise refuse("P2-B8", "an upsert by Id makes nothing; name an external id or a lookup field")
        return self


class Imports(Part):
    """Import files."""

    hubspot: HubSpotImport = setting(HubSpotImport(), "HubSpot")
    salesforce: SalesforceFiles = setting(SalesforceFiles(), "Salesforce")


class Guards(Part):
    """What stops a night."""

    max_changes: int | None = setting(None, "operations a night may have; more stop the files (exit status 3)", ge=0)
    max_deletes: int | None = setting(0, "deletions a night may have; more stop the files (3)", ge=0)
    max_reject_rate: float | None = setting(0.05, "rejected by delivered rows, an object at a time (3)", ge=0, le=1)
    max_shrink: float | None = setting(0.10, "how much a full delivery may shrink; more is refused (2)", ge=0, le=1)


class Retention(Part):
    """Nights that are kept; staged and the ledger are kept for ever."""

    raw: int | None = setting(35, "nights of raw and rejected; null keeps all", ge=1)
    core: int | None = setting(35, "nights of core; null keeps all", ge=1)
    out: int | None = setting(400, "nights of out and of the files; null keeps all", ge=1)


class AutoLink(Part):
    """Which tiers of matching link by themselves."""

    T2: bool = setting(False, "strong evidence without the e-mail")
    T3: bool = setting(False, "probable evidence")


class Identity(Part):
    """Who is who beyond the e-mail."""

    auto_link: AutoLink = setting(AutoLink(), "tiers that link without a person's word")
