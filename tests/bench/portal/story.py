"""What a story is: a few people to whom something definite happens on a definite night.

A story is data. `base` is how its people are from the start, `event` what happens to them on their night, `after` what happens
on the night that follows. Each maps a record ("hs", "hs2", "sf", "sf2", or "both" for hs and sf) to what is set on it:

- a field and its version: -1 blank, 0 the value that both CRMs have had, any other number another value;
- a state: exists, deleted, master (0 or 1: the record it was merged into), converted, kind (0 lead, 1 contact), stored (0 no
  link id, 1 of 18, 2 of 15 characters), slot (which Salesforce record the stored id names), stage, score, marketing, until,
  optout, region, campaigns, opportunity, extra (version of the secondary e-mail), competitor, merged, apart (a company
  that nobody is associated with), staff;
- text: literal cells by column (`None` takes one back, a name with @ is a transformation, a tuple is dealt out in turn);
- new: the record comes into being; quiet: its modification stamp stays; delay: seconds later than the story's moment; late:
  after the end of the night; tie: the stamps of sf2 equal those of sf; repeat: the row is delivered twice (identical,
  newer, tied).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Setting = int | bool | str | tuple[int, ...] | Mapping[str, str | tuple[str, ...] | None]
Edit = Mapping[str, Mapping[str, Setting]]

KINDS = (
    "lead_pair",
    "contact_pair",
    "hubspot_only",
    "lead_only",
    "contact_only",
    "nobody_lead",
    "nobody_contact",
    "firm_pair",
    "firm_hubspot",
    "firm_account",
    "firm_nobody",
)
TURNS = {  # a kind that stands for two: its people take them in turn
    "pair": ("lead_pair", "contact_pair"),
    "salesforce_only": ("lead_only", "contact_only"),
    "nobody": ("nobody_lead", "nobody_contact"),
}

STAGES = (
    "subscriber",
    "lead",
    "trial",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
STAGE = {name: number for number, name in enumerate(STAGES)}
REGIONS = (
    "NORDICS",
    "DACH",
    "UK_IE",
    "BENELUX",
    "SOUTH_EUROPE",
    "EAST_EUROPE",
    "NORTH_AMERICA",
    "APAC",
    "GLOBAL",
)
REGION = {name: number for number, name in enumerate(REGIONS)}
OPPORTUNITY = {"none": 0, "open": 1, "open_role": 2, "won_role": 3, "lost_role": 4, "won": 5}
STAFF = {"anybody": 0, "leads": 1, "outside": 2}  # who of its people a HubSpot company is associated with
QUEUE, INACTIVE, WITHOUT_USER = 100, 101, 102  # versions of an owner that is no active user
WEBINAR = 100  # the version of a lead source that only HubSpot knows


@dataclass(frozen=True)
class Story:
    """One planted family. `share` is of the people, `least` how many there are in the smallest portal."""

    name: str
    kind: str
    rules: str
    what: str
    base: Edit = field(default_factory=dict)
    event: Edit = field(default_factory=dict)
    after: Edit = field(default_factory=dict)
    nights: tuple[int, ...] = (2, 3)
    segment: str = "in"  # in | out | free (as the draw has it)
    least: int = 6
    share: float = 4e-5

    def kinds(self) -> tuple[str, ...]:
        """The kinds that its people take in turn."""
        return TURNS.get(self.kind, (self.kind,))
