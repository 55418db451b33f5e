"""The settings and the clock of one night as relations: `run` (one row), `named` (hold_back, resync), the stage order.

Nothing here reads the clock: every instant follows from the night and the configured time zone.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from assets.shared import nights
from assets.shared.sql import Session
from assets.sync.catalog import REFERENCE
from assets.sync.named_segments import NamedSegments
from schemas.config import SyncConfig
from schemas.config_parts import DataSync
from schemas.import_marketing import box_ticked, created_as_marketing

_TIME = pa.timestamp("us", tz="UTC")
_TYPES: dict[str, pa.DataType] = {
    "night": pa.string(),
    "previous_night": pa.string(),
    "as_of": _TIME,
    "window_start": _TIME,
    "is_first": pa.bool_(),
    "is_full": pa.bool_(),
    "segment_id": pa.string(),
    "filter_segment_id": pa.string(),
    "create_as": pa.string(),
    "auto_create_new_leads": pa.bool_(),
    "auto_create_existing_leads": pa.bool_(),
    "auto_create_new_contacts": pa.bool_(),
    "auto_create_existing_contacts": pa.bool_(),
    "delete_hubspot_contact": pa.bool_(),
    "company_sync": pa.bool_(),
    "has_stage_selection": pa.bool_(),
    "lead_stages": pa.list_(pa.string()),
    "contact_stages": pa.list_(pa.string()),
    "conflict": pa.string(),
    "placeholder_lead_company": pa.string(),
    "default_stage": pa.string(),
    "import_mode": pa.string(),
    "lifecycle_transitions": pa.bool_(),
    "is_import": pa.bool_(),
    "marketing": pa.bool_(),
}
_NAMED = pa.schema([(name, pa.string()) for name in ("entry", "purpose", "how", "value", "field")])


def register(session: Session, config: SyncConfig, night: str, first_night: str) -> None:
    """Register `run`, `earlier_window`, `app` and `named` for a night, or for a range that ends with it. Raises InputRefused."""
    previous = nights.decided_before(session.lake, first_night)
    due_from = nights.due_from(session.lake, first_night)
    app = salesforce_app(config)
    known = NamedSegments(session)
    filters = {
        one.app: known.id_of(f"data_sync[{position}].filter", one.filter, "contact")
        for position, one in enumerate(config.data_sync)
    }
    segments = {
        "segment_id": known.id_of("integration.inclusion_segment", config.integration.inclusion_segment, "contact"),
        "filter_segment_id": filters[app.app] if app else None,
    }
    config = with_internal_stages(config, stage_order(session))
    session.register("run", run_table(config, night, due_from, previous, segments))
    decided = [decided for decided in nights.decided_nights(session.lake) if decided < first_night]
    session.register("earlier_window", window_table(config, decided))
    session.register("app", app_table(config, filters))
    session.register(
        "named", named_table(config, due_from, night, lambda path, name: known.id_of(path, name, "contact"))
    )
    known.refuse()


def with_internal_stages(config: SyncConfig, order: pl.DataFrame) -> SyncConfig:
    """The same settings with the internal value of every contact stage that is named by its label, in any case (P2-63)."""
    stages = order.filter(pl.col("object") == "person")
    labelled = {str(label).strip().lower(): stage for stage, label in stages.select("stage", "label").iter_rows()}
    own = {str(stage).lower(): stage for stage in stages["stage"]}

    def internal(name: str) -> str:
        given = name.strip().lower()
        return own.get(given) or labelled.get(given) or name

    apps = [
        app.model_copy(
            update={
                "lead_stages": [internal(stage) for stage in app.lead_stages],
                "contact_stages": [internal(stage) for stage in app.contact_stages],
            }
        )
        for app in config.data_sync
    ]
    default = config.lifecycle.default_stage
    named = default.model_copy(update={"salesforce": internal(default.salesforce) if default.salesforce else None})
    lifecycle = config.lifecycle.model_copy(update={"default_stage": named})
    return config.model_copy(update={"data_sync": apps, "lifecycle": lifecycle})


def salesforce_app(config: SyncConfig) -> DataSync | None:
    """The stage selection of Salesforce itself, the one app that gets deltas."""
    return next((app for app in config.data_sync if app.app == "salesforce"), None)


def app_table(config: SyncConfig, filters: Mapping[str, str | None]) -> pa.Table:
    """One row per other data-sync app with a stage selection: name, lead_stages, contact_stages, filter_segment_id.

    `filters`: ids of the segments that limit the first sync with an app.
    """
    stages = pa.list_(pa.string())
    rows = [
        {
            "name": app.app,
            "lead_stages": list(app.lead_stages),
            "contact_stages": list(app.contact_stages),
            "filter_segment_id": filters[app.app],
        }
        for app in config.data_sync
        if app.app != "salesforce" and (app.lead_stages or app.contact_stages)
    ]
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema(
            [
                ("name", pa.string()),
                ("lead_stages", stages),
                ("contact_stages", stages),
                ("filter_segment_id", pa.string()),
            ]
        ),
    )


def window_table(config: SyncConfig, decided: Sequence[str]) -> pa.Table:
    """One row per earlier night, ascending: night, previous_night (blank: none), window_start: created after it was new then."""
    starts = [
        *(nights.start_of(night, config.zone) for night in decided[:1]),
        *(nights.as_of(n, config.zone) for n in decided[:-1]),
    ]
    columns = {"night": decided, "previous_night": ["", *decided[:-1]][: len(decided)]}
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table({**texts, "window_start": pa.array(starts, _TIME)})


def run_table(
    config: SyncConfig, night: str, due_from: str, previous: str | None, segments: dict[str, str | None]
) -> pa.Table:
    """One row: night, previous_night, as_of, window_start (what is created after it is new) and the settings.

    The window begins where the night decided before ends; that of the first night there is begins with it (design section 6, 3).
    """
    zone = config.zone
    integration = config.integration
    salesforce = salesforce_app(config)
    lead_stages = list(salesforce.lead_stages) if salesforce else []
    contact_stages = list(salesforce.contact_stages) if salesforce else []
    row: dict[str, Any] = {
        "night": night,
        "previous_night": previous,
        "as_of": nights.as_of(night, zone),
        "window_start": nights.start_of(due_from, zone),
        "is_first": previous is None,
        "is_full": config.initial_sync == "full",
        **segments,
        "create_as": integration.create_as.capitalize(),
        "auto_create_new_leads": integration.auto_create.leads.new,
        "auto_create_existing_leads": integration.auto_create.leads.existing,
        "auto_create_new_contacts": integration.auto_create.contacts.new,
        "auto_create_existing_contacts": integration.auto_create.contacts.existing,
        "delete_hubspot_contact": integration.on_salesforce_delete == "delete_hubspot_contact",
        "company_sync": integration.company_sync,
        "has_stage_selection": bool(lead_stages or contact_stages),
        "lead_stages": lead_stages,
        "contact_stages": contact_stages,
        "conflict": salesforce.conflict if salesforce else None,
        "placeholder_lead_company": integration.placeholders.lead_company,
        "lifecycle_transitions": integration.lifecycle_transitions,
        "is_import": due_from <= str(integration.salesforce_import.night or "") <= night,
        "marketing": box_ticked(config.imports.hubspot, config.marketing)
        or created_as_marketing(config.marketing, "salesforce", nights.as_of(night, zone)),
        "default_stage": config.lifecycle.default_stage.salesforce,
        "import_mode": config.imports.hubspot.mode,
    }
    return pa.Table.from_pylist([row], schema=pa.schema(list(_TYPES.items())))


def named_table(
    config: SyncConfig, due_from: str, night: str, segment: Callable[[str, str | int], str | None]
) -> pa.Table:
    """One row per record, e-mail or segment that hold_back or a resync that is due names, and per field held back, in lower case.

    `segment` gives the id of a segment that is named at a path.
    """
    rows: list[dict[str, str | None]] = []
    for number, held in enumerate(config.hold_back):
        how, value = ("id", held.id) if held.id is not None else ("email", (held.email or "").strip().lower())
        fields: list[str | None] = [field.lower() for field in held.fields] if held.fields else [None]
        rows += [_named(f"hold_back[{number}]", "hold_back", how, str(value), field) for field in fields]
    for number, entry in enumerate(config.resync):
        if not due_from <= str(entry.night) <= night:
            continue
        listed = [
            *(("email", email.strip().lower()) for email in entry.emails or []),
            *(("id", str(record)) for record in entry.ids or []),
            *([("segment", segment(f"resync[{number}].segment", entry.segment))] if entry.segment is not None else []),
        ]
        rows += [_named(f"resync[{number}]", "resync", how, value, None) for how, value in listed]
    return pa.Table.from_pylist(rows, schema=_NAMED)


def stage_order(session: Session) -> pl.DataFrame:
    """object, stage, label, position: the portal's own order of stages where it is known, else HubSpot's eight (P2-60, P2-61).

    `label` is the one that a file may use: English for a default stage, whatever the portal calls it (P1-68).
    """
    known = pl.read_csv(REFERENCE / "lifecycle_stages.csv")
    english = dict(known.select("stage", "label").iter_rows())
    frames = []
    for object_, name in (("person", "contact"), ("company", "company")):
        found = session.con.execute(
            "SELECT options FROM staged__hubspot__property WHERE op = 'upsert' AND object = ? AND name = 'lifecyclestage'",
            [name],
        ).fetchall()
        options = json.loads(found[0][0]) if found and found[0][0] else []
        frame = known.select("position", "stage", "label")
        if options:
            ordered = sorted(enumerate(options), key=lambda item: (item[1].get("displayOrder", item[0]), item[0]))
            frame = pl.DataFrame(
                {
                    "position": range(1, len(ordered) + 1),
                    "stage": [option["value"] for _, option in ordered],
                    "label": [english.get(option["value"], option.get("label")) for _, option in ordered],
                },
                schema=frame.schema,
            )
        frames.append(frame.with_columns(pl.lit(object_).alias("object")))
    return pl.concat(frames)


def _named(entry: str, purpose: str, how: str, value: str | None, field: str | None) -> dict[str, str | None]:
    return {"entry": entry, "purpose": purpose, "how": how, "value": value, "field": field}
