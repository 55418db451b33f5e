"""Packages: what goes into one file or one run of parts, how it is named, and in which order everything is loaded."""

from dataclasses import dataclass, field

import pyarrow as pa

PLURALS = {"contact": "contacts", "company": "companies"}
_API_VERBS = {"clear": "clear", "delete": "archive", "create": "create", "subscribe": "subscribe"}

# Records before what refers to them, clears before what sets the same field, deletions last.
_ORDER: dict[tuple[str, str, str, str], int] = {
    key: rank
    for rank, key in enumerate(
        [
            ("hubspot", "company", "create", ""),
            ("hubspot", "company", "create", "by-unique"),
            ("hubspot", "company", "create", "unnamed"),
            ("hubspot", "contact", "create", ""),
            ("hubspot", "contact", "create", "marketing"),
            ("hubspot", "company", "clear", ""),
            ("hubspot", "contact", "clear", ""),
            ("hubspot", "company", "update", ""),
            ("hubspot", "contact", "update", ""),
            ("hubspot", "company", "update", "after-clear"),
            ("hubspot", "contact", "update", "after-clear"),
            ("hubspot", "contact", "delete", ""),
            ("hubspot", "company", "delete", ""),
            ("salesforce", "account", "create", ""),
            ("salesforce", "account", "update", ""),
            ("salesforce", "contact", "create", ""),
            ("salesforce", "contact", "update", ""),
            ("salesforce", "lead", "create", ""),
            ("salesforce", "lead", "update", ""),
            ("salesforce", "lead", "delete", ""),
            ("salesforce", "contact", "delete", ""),
            ("salesforce", "account", "delete", ""),
        ]
    )
}


@dataclass(frozen=True)
class Package:
    """One kind of operation on one object: how many there are and how many have each field."""

    target: str
    object: str
    operation: str
    variant: str
    operations: int
    fields: dict[str, int] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """Place in the order of loading."""
        return _ORDER.get((self.target, self.object, self.operation, self.variant), len(_ORDER))

    @property
    def via(self) -> str:
        """`api` for bodies of the batch API, `import` for CSV."""
        return "api" if self.is_bodies else "import"

    @property
    def is_bodies(self) -> bool:
        """Whether the file holds bodies of HubSpot's batch API: what an import cannot carry."""
        only_api = self.operation in ("clear", "delete", "subscribe") or self.variant == "unnamed"
        return self.target == "hubspot" and only_api

    @property
    def stem(self) -> str:
        """File name without its ending."""
        if self.is_bodies:
            whom = "-marketing" if self.variant == "marketing" else ""
            return f"{_API_VERBS[self.operation]}-hubspot-{PLURALS[self.object]}{whom}"
        name = PLURALS[self.object] if self.target == "hubspot" else self.object
        return f"{self.target}-{name}-{self.operation}" + (f"-{self.variant}" if self.variant else "")


def packages(rows: pa.Table) -> list[Package]:
    """Packages from the rows of sql/package.sql, in loading order."""
    found: dict[tuple[str, str, str, str], dict[str | None, int]] = {}
    for row in rows.to_pylist():
        key = (row["target"], row["object"], row["operation"], row["variant"])
        found.setdefault(key, {})[row["field"]] = row["operations"]
    made = [Package(*key, counts[None], dict(sorted(_named(counts).items()))) for key, counts in found.items()]
    return sorted(made, key=lambda p: (p.rank, p.target, p.object, p.operation, p.variant))


def carried(package: Package, mode: str) -> bool:
    """Whether an import of that mode can carry the package; a clear changes an existing record as an update does.

    Deletions are no import, whatever the mode (design section 5).
    """
    if package.target != "hubspot" or mode == "upsert" or package.operation == "delete":
        return True
    if package.operation == "associate":
        return False  # who is associated is created and found again
    return (package.operation == "create") == (mode == "create")


def _named(counts: dict[str | None, int]) -> dict[str, int]:
    return {name: n for name, n in counts.items() if name is not None}
