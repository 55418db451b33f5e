"""The stages that sync.yaml chooses against the portal's own lifecycle stages: names mean what HubSpot would understand."""

import csv
from pathlib import Path
from typing import Any

from schemas.config import SyncConfig
from schemas.config_problems import Problem

_STAGES = Path(__file__).parents[2] / "data" / "reference" / "lifecycle_stages.csv"


def stage_problems(config: SyncConfig, properties: dict[str, dict[str, Any]] | None) -> list[Problem]:
    """Stages that are chosen twice under two names (P1-05), and names that no stage of the portal has (P1-06, P2-63).

    `properties` are the contact properties that the portal delivered, by name; without them HubSpot's eight stages are
    known, and another name may be a stage of the portal's own.
    """
    options = (properties or {}).get("lifecyclestage", {}).get("options") or []
    named = _names(options)
    found = []
    for index, app in enumerate(config.data_sync):
        chosen = [("lead_stages", stage) for stage in app.lead_stages]
        chosen += [("contact_stages", stage) for stage in app.contact_stages]
        meant = {kind: {_stage(s, named) for k, s in chosen if k == kind} for kind, _ in chosen}
        both = meant.get("lead_stages", set()) & meant.get("contact_stages", set())
        if both:
            stages = ", ".join(sorted(both))
            message = f"chosen for leads and for contacts: {stages}"
            found.append(Problem(f"data_sync[{index}].contact_stages", message, "P1-05"))
        found += [
            Problem(f"data_sync[{index}].{kind}", f"{stage} is no lifecycle stage of the portal", "P2-63")
            for kind, stage in chosen
            if options and _word(stage) not in named
        ]
    default = config.lifecycle.default_stage
    chosen_default = default.salesforce if "salesforce" in default.model_fields_set else None
    if options and chosen_default is not None and _word(chosen_default) not in named:
        message = f"{chosen_default} is no lifecycle stage of the portal"
        found.append(Problem("lifecycle.default_stage.salesforce", message, "P2-63"))
    return found


def update_problems(
    config: SyncConfig, night: str, properties: dict[str, dict[str, dict[str, Any]] | None]
) -> list[Problem]:
    """Workflows of `lifecycle.updates` that set what no stage of the portal is called (P2-63); `properties` by object.

    One whose night is over is history.
    """
    found = []
    for index, update in enumerate(config.lifecycle.updates):
        options = (properties[update.object] or {}).get("lifecyclestage", {}).get("options") or []
        if update.set is None or (update.night or night) < night:
            continue
        if options and _word(update.set) not in _names(options):
            message = f"{update.set} is no lifecycle stage of the portal"
            found.append(Problem(f"lifecycle.updates[{index}].set", message, "P2-63"))
    return found


def _names(options: list[dict[str, Any]]) -> dict[str, str]:
    """Stage by each word that means it: internal values win over labels, and a default stage has its English label."""
    with _STAGES.open(newline="") as file:
        english = {row["stage"]: row["label"] for row in csv.DictReader(file)}
    labels = {str(o.get("value")): str(o.get("label")) for o in options} or english
    by_label = {_word(english.get(stage, label)): stage for stage, label in labels.items()}
    return by_label | {_word(stage): stage for stage in labels}


def _stage(name: str, named: dict[str, str]) -> str:
    return named.get(_word(name), _word(name))


def _word(name: str) -> str:
    return name.strip().lower()
