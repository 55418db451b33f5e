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
from assets.import_files.knowledge import Knowledge
from assets.import_files.packages import Package
from assets.import_files.parts import Part
from schemas.config_output import Communication

OPT_OUT = "hs_email_optout"


class Subscriptions:
    """Writes `subscribe-hubspot-contacts.jsonl` for the contacts that one package creates; nobody who opted out."""

    def __init__(self, package: Package, wanted: list[Communication], folder: Path, opted_out: pa.Array | None) -> None:
        self.package = replace(package, operation="subscribe", fields={})
        self._wanted = wanted
        self._opted_out = opted_out
        size = reference.limits().hubspot.batch_inputs or 100
        self._writer = bodies.BodyWriter(folder, self.package.stem, inputs_per_line=size)

    def add(self, emails: pa.Array, opted_out: pa.Array | None) -> None:
        """Subscribe the contacts of some rows to every configured type; `opted_out` is what the rows say of it, if they do."""
        if opted_out is not None:
            emails = emails.filter(pc.not_equal(pc.fill_null(pc.utf8_lower(opted_out), ""), "true"))
        emails = emails.filter(pc.not_equal(pc.fill_null(emails, ""), ""))
        if self._opted_out is not None:
            known = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(emails)), self._opted_out)
            emails = emails.filter(pc.invert(known))
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


def subscriptions(package: Package, known: Knowledge, folder: Path) -> Subscriptions | None:
    """Where the package creates contacts, GDPR is on and a basis for communicating is configured."""
    gdpr = known.config.imports.hubspot.gdpr
    creates = package.object == "contact" and package.operation == "create"
    if not (creates and gdpr.enabled and gdpr.communication):
        return None
    return Subscriptions(package, gdpr.communication, folder, known.opted_out)
