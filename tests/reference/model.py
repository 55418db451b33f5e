"""What the interpreter reads, remembers and says. Records go by their short names (`tests.support.ids`)."""

from dataclasses import dataclass, field, replace
from typing import Any

Row = dict[str, Any]
Change = tuple[str, str]  # night, time: the night a value was first seen, then that night's record time


@dataclass(frozen=True)
class Mapping:
    """One field mapping; `letters` are the Salesforce objects that have the field: L lead, C contact."""

    hubspot: str
    salesforce: str
    rule: str
    letters: frozenset[str]
    kind: str = "value"  # value, email, owner, opt_out, campaigns

    @property
    def name(self) -> str:
        return f"{self.hubspot}:{self.salesforce}"


@dataclass(frozen=True)
class Settings:
    """The part of sync.yaml that decides about people."""

    mappings: tuple[Mapping, ...]
    company_mappings: tuple[Mapping, ...] = ()
    initial_sync: str = "baseline"
    create_as: str = "lead"
    auto_new: dict[str, bool] = field(default_factory=lambda: {"L": True, "C": True})
    auto_existing: dict[str, bool] = field(default_factory=lambda: {"L": False, "C": False})
    segment: str | None = None
    chosen: dict[int, str | None] = field(default_factory=dict)  # night by number -> another segment from then on
    on_salesforce_delete: str = "nothing"
    absent: str = "keep"
    lead_company: str | None = None
    default_stage: str | None = "lead"
    resync: dict[str, frozenset[str]] = field(default_factory=dict)  # night -> e-mails

    def on(self, number: int) -> "Settings":
        """The settings of a night."""
        newest = max((night for night in self.chosen if night <= number), default=None)
        return self if newest is None else replace(self, segment=self.chosen[newest], chosen={})


@dataclass
class Night:
    """One night's delivery. `as_of` is the night's end in ISO form, so that times compare as text."""

    night: str
    as_of: str
    rows: dict[str, Row]
    members: frozenset[str] = frozenset()  # of the inclusion segment
    owners: dict[str, Row] = field(default_factory=dict)
    companies: dict[str, str] = field(default_factory=dict)  # HubSpot contact -> its company
    merged: dict[str, str] = field(default_factory=dict)  # HubSpot record -> the one that it was merged into

    def survivor(self, name: str) -> str:
        """What became of a HubSpot record that was merged, itself otherwise (P2-2A)."""
        return self.survivor(self.merged[name]) if name in self.merged else name

    def of(self, letter: str) -> dict[str, Row]:
        return {name: row for name, row in sorted(self.rows.items(), key=_by_number) if name[0] == letter}


@dataclass
class Pair:
    """What is remembered about one person."""

    key: str
    hubspot: str | None = None
    salesforce: str | None = None
    triggers: dict[str, str] = field(default_factory=dict)  # trigger -> night it was first seen
    segment: str | None = None
    inside: bool | None = None
    hubspot_gone: bool = False
    whole: bool = False  # both records were live on the night before
    kept: frozenset[str] = frozenset()  # mappings of the record that it synced with last: others are not remembered
    dead_link: bool = False  # the linked Salesforce record was not live on the night before
    missing_since: str | None = None  # the first night on which it was not
    seen_hubspot: dict[str, Any] = field(default_factory=dict)  # property -> value
    seen_salesforce: dict[str, Any] = field(default_factory=dict)  # mapping -> value on the linked record
    moved_hubspot: dict[str, Change] = field(default_factory=dict)
    moved_salesforce: dict[str, Change] = field(default_factory=dict)
    agreed_hubspot: dict[str, Any] = field(default_factory=dict)  # mapping -> HubSpot's value when both were equal
    agreed_salesforce: dict[str, Any] = field(default_factory=dict)  # the same of the linked Salesforce record
    rules: dict[str, str] = field(default_factory=dict)
    given: dict[tuple[str, str], Any] = field(default_factory=dict)  # the last delta: (system, field) -> `after`
    sources: dict[tuple[str, str], Any] = field(default_factory=dict)  # what the other side had when it was given
    echoed: frozenset[str] = frozenset()  # mappings in which a record that answers our create has what it was given
    asked: bool = False  # a HubSpot contact was planned for it
    planned: bool = False  # a Salesforce record was planned for it
    asked_as: str = ""  # the address, of companies the name, of what it asks for
    gone: str | None = None  # the first night on which neither of its records was there


@dataclass
class Ledger:
    """What is remembered between nights."""

    pairs: dict[str, Pair] = field(default_factory=dict)
    night: str | None = None
    as_of: str | None = None
    rows: dict[str, Row] = field(default_factory=dict)  # the delivery of the newest earlier night
    met: set[str] = field(default_factory=set)  # every record that was ever delivered live

    def with_hubspot(self, name: str) -> Pair | None:
        return next((p for p in self.pairs.values() if p.hubspot == name), None)


@dataclass(frozen=True)
class Operation:
    """One operation. `target` is the record, or the normalised e-mail where one is created."""

    system: str
    object: str
    op: str
    target: str
    values: tuple[tuple[str, str | None], ...]

    @classmethod
    def of(cls, system: str, kind: str, op: str, target: str, values: dict[str, Any]) -> "Operation":
        return cls(system, kind, op, target, tuple(sorted((k, as_text(v)) for k, v in values.items())))


@dataclass(frozen=True)
class Decision:
    """One candidate in one direction. Reasons of skips and rejections only."""

    direction: str
    candidate: str
    outcome: str
    reasons: tuple[str, ...] = ()


@dataclass
class Result:
    """What a night decides."""

    operations: set[Operation] = field(default_factory=set)
    decisions: set[Decision] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)  # HubSpot contact -> current Salesforce record
    claimed: set[str] = field(default_factory=set)  # e-mails that contacts are given
    asked: set[str] = field(default_factory=set)  # e-mails that a Salesforce record is asked for


def as_text(value: Any) -> str | None:
    """A value as a delta says it: null for blank, `true` and `false` for checkboxes."""
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def object_of(salesforce_id: str) -> str:
    return "lead" if salesforce_id[0] == "L" else "contact"


def number(name: str) -> int:
    return int(name[1:])


def _by_number(item: tuple[str, Row]) -> tuple[str, int]:
    return item[0][0], number(item[0])
