"""Which segments there are on a night, where each one's members come from, and what a name in sync.yaml refers to.

Membership is HubSpot's delivered list where there is one, else the definition is evaluated. What can be neither is kept with
its reason; it is never a segment without members.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlglot import exp

from assets.segments.catalog import Catalog, KnownList
from assets.segments.compile import Compiled, compile_segment
from assets.segments.lists import refusal
from assets.segments.moment import Moment, moment_of
from assets.segments.relations import lake_catalog
from assets.segments.segments_file import own_segments
from assets.shared import keys
from assets.shared.failures import InputRefused
from assets.shared.sql import Session
from schemas.config import SyncConfig
from schemas.segment_definition import definition_hash
from schemas.segment_parse import parse_branch
from schemas.segment_problems import DefinitionError, NotEvaluable
from schemas.segment_tree import referenced_lists

DELIVERED, EVALUATED = "delivered", "evaluated"
_SETTING = "integration.inclusion_segment"
_ONLY_ACTIVE = "only an active list can be the inclusion segment (P1-42)"
_ACCOUNT = keys.staged("hubspot", "account")


@dataclass(frozen=True)
class Segment:
    """A list or segment: how its members are known (`source`), or else why not (`reasons`)."""

    id: str
    known: KnownList
    hash: str
    source: str | None = None
    reasons: tuple[str, ...] = ()
    compiled: Compiled | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """How messages call it."""
        return self.known.definition.title


def night_catalog(session: Session, config: SyncConfig) -> tuple[Catalog, Moment]:
    """The lake of a session's night and its moment. Raises InputRefused where segments.yaml is wrong."""
    own = own_segments(config)
    catalog = lake_catalog(session, own)
    listed = {known.definition.name: i for i, known in catalog.lists.items() if known.definition.list_id is not None}
    taken = [s.name for s in own if s.name in listed or catalog.lists[s.name].definition.list_id is not None]
    if taken:
        raise InputRefused([f"segments.yaml: {name!r} is the name of a HubSpot list as well" for name in taken])
    return catalog, _moment(session, config)


def segments_of(catalog: Catalog, moment: Moment) -> list[Segment]:
    """Every list and segment of the catalog, by id."""
    hashes = _Hashes(catalog.lists)
    return [segment_of(i, catalog, moment, hashes) for i in sorted(catalog.lists)]


def segment_of(segment_id: str, catalog: Catalog, moment: Moment, hashes: "_Hashes | None" = None) -> Segment:
    """One of them."""
    known = catalog.lists[segment_id]
    found = (segment_id, known, (hashes or _Hashes(catalog.lists)).of(segment_id))
    problem = refusal(known, segment_id, None)
    if problem is not None:
        return Segment(*found, reasons=(problem,))
    if known.delivered:
        return Segment(*found, source=DELIVERED)
    try:
        return Segment(*found, source=EVALUATED, compiled=evaluate(known, catalog, moment))
    except (DefinitionError, NotEvaluable) as error:
        return Segment(*found, reasons=reasons_of(error, known.definition.title))


def evaluate(known: KnownList, catalog: Catalog, moment: Moment) -> Compiled:
    """The statement of a list's own definition. Raises DefinitionError and NotEvaluable."""
    definition = known.definition
    object_name = definition.object or f"object type {definition.object_type_id}"
    tree = parse_branch(definition.branch, definition.path)
    return compile_segment(tree, object_name, catalog, moment, definition.list_id or definition.name)


def reasons_of(error: DefinitionError | NotEvaluable, title: str) -> tuple[str, ...]:
    """Every problem of a definition, with the name of the list it is in."""
    found = error.problems if isinstance(error, DefinitionError) else error.found
    return tuple(f"{title}: {problem}" for problem in found)


def find_segment(wanted: str, catalog: Catalog) -> str | None:
    """Id of the list or segment with this id or name, None where there is none. Raises InputRefused for several."""
    if wanted in catalog.lists:
        return wanted
    named = sorted(i for i, known in catalog.lists.items() if known.definition.name == wanted)
    if len(named) > 1:
        raise InputRefused(f"{len(named)} lists are called {wanted!r}: {', '.join(named)}; give the list id")
    return named[0] if named else None


def inclusion(session: Session, config: SyncConfig, catalog: Catalog | None = None) -> str | None:
    """Id of the inclusion segment, None where nobody is left out.

    Raises InputRefused for a segment that is missing, static or not known to be active, still processing, of another object, or
    whose members are neither delivered nor to be worked out (P1-42, P1-46): before anything is written, never as an empty one.
    """
    wanted = config.integration.inclusion_segment
    if wanted is None:
        return None
    found, moment = night_catalog(session, config) if catalog is None else (catalog, _moment(session, config))
    segment_id = find_segment(str(wanted), found)
    if segment_id is None:
        raise InputRefused(f"{_SETTING}: there is no list or segment {str(wanted)!r}")
    segment = segment_of(segment_id, found, moment)
    definition = segment.known.definition
    if definition.static:
        problem = f"{segment.title} is static; {_ONLY_ACTIVE}"
        raise InputRefused(f"{_SETTING}: {problem}")
    if not definition.active:
        problem = f"{segment.title} is active or static, which its processingType does not tell; {_ONLY_ACTIVE}"
        raise InputRefused(f"{_SETTING}: {problem}")
    if definition.object != "contact":
        what = definition.object or f"object type {definition.object_type_id}"
        raise InputRefused(f"{_SETTING}: {segment.title} holds records of another object ({what}), not contacts")
    if definition.processing:
        problem = f"{segment.title} is still processing in HubSpot; it must not be read as empty (P1-46)"
        raise InputRefused(f"{_SETTING}: {problem}")
    if segment.source is None:
        raise InputRefused([f"{_SETTING}: {reason}" for reason in segment.reasons])
    return segment_id


def _moment(session: Session, config: SyncConfig) -> Moment:
    return moment_of(str(session.night), config.timezone, _portal_zone(session))


def _portal_zone(session: Session) -> str | None:
    """The portal's own time zone, where its account details were delivered (segments.md, 2)."""
    session.use(_ACCOUNT, {"op": "VARCHAR", "timeZone": "VARCHAR"}, name="segment_account")
    query = exp.select(exp.column("timeZone", quoted=True)).from_("segment_account").where("op = 'upsert'")
    zone: str | None = session.scalar(query.order_by("night DESC").limit(1))
    try:
        return zone and ZoneInfo(zone).key
    except (ValueError, ZoneInfoNotFoundError):
        raise InputRefused(f"{_ACCOUNT}: timeZone {zone!r} is no time zone that is known here") from None


def definition_hashes(lists: Mapping[str, KnownList], wanted: Iterable[str]) -> dict[str, str]:
    """Hash of each definition together with those it leads to: a change in either is a change."""
    hashes = _Hashes(lists)
    return {segment_id: hashes.of(segment_id) for segment_id in wanted}


class _Hashes:
    """Definitions of lists, hashed once each."""

    def __init__(self, lists: Mapping[str, KnownList]) -> None:
        self._lists = lists
        self._plain: dict[str, str] = {}
        self._references: dict[str, list[str]] = {}

    def of(self, segment_id: str) -> str:
        """Hash of a list's definition and of every list that it leads to."""
        found: set[str] = set()
        waiting = [segment_id]
        while waiting:
            here = waiting.pop()
            if here not in found and here in self._lists:
                found.add(here)
                waiting += self._leads_to(here)
        others = sorted(self._own(i) for i in found - {segment_id})
        return hashlib.sha256("".join([self._own(segment_id), *others]).encode()).hexdigest()

    def _own(self, segment_id: str) -> str:
        if segment_id not in self._plain:
            self._plain[segment_id] = definition_hash(self._lists[segment_id].definition.branch)
        return self._plain[segment_id]

    def _leads_to(self, segment_id: str) -> list[str]:
        if segment_id not in self._references:
            branch = self._lists[segment_id].definition.branch
            try:
                tree = None if branch is None else parse_branch(branch)
            except DefinitionError:
                tree = None
            self._references[segment_id] = [i for _, i in referenced_lists(tree)] if tree else []
        return self._references[segment_id]
