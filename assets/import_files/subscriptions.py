"""Subscriptions of new contacts with their legal basis: what an import cannot carry, as bodies of the preferences API.

The basis for processing is a property of the contact; the basis for communicating belongs to each subscription type
(P1-72, P2-9F). One body holds at most as many statuses as one call takes.
"""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from assets.import_files import bodies, reference
from assets.import_files.packages import Package
from assets.import_files.parts import Part
from schemas.config import SyncConfig
from schemas.config_output import Communication

OPT_OUT = "hs_email_optout"


class Subscriptions:
    """Writes `subscribe-hubspot-contacts.jsonl` for the contacts that one package creates; nobody who opted out."""

    def __init__(self, package: Package, wanted: list[Communication], folder: Path) -> None:
        self.package = replace(package, operation="subscribe", fields={})
        self._wanted = wanted
        size = reference.limits().hubspot.batch_inputs or 100
        self._writer = bodies.BodyWriter(folder, self.package.stem, inputs_per_line=size)

    def add(self, emails: pa.Array, opted_out: pa.Array | None) -> None:
        """Subscribe the contacts of some rows to every configured type."""
        if opted_out is not None:
            emails = emails.filter(pc.not_equal(pc.fill_null(pc.utf8_lower(opted_out), ""), "true"))
        emails = emails.filter(pc.not_equal(pc.fill_null(emails, ""), ""))
        for entry in self._wanted:
            fixed = {
                "channel": "EMAIL",
                "statusState": "SUBSCRIBED",
                "subscriptionId": entry.subscription,
                "legalBasis": entry.legal_basis,
                "legalBasisExplanation": entry.explanation,
            }
            rest = json.dumps(fixed, ensure_ascii=False, separators=(",", ":"))[1:]
            self._writer.write(
                pc.binary_join_element_wise('{"subscriberIdString":', bodies.json_text(emails), f",{rest}", "")
            )

    def close(self) -> list[Part]:
        """Finish; returns the one part."""
        return self._writer.close()


def subscriptions(package: Package, config: SyncConfig, folder: Path) -> Subscriptions | None:
    """Where the package creates contacts, GDPR is on and a basis for communicating is configured."""
    gdpr = config.imports.hubspot.gdpr
    creates = package.object == "contact" and package.operation == "create"
    return (
        Subscriptions(package, gdpr.communication, folder) if gdpr.enabled and gdpr.communication and creates else None
    )
