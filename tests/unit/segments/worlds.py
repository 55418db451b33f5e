"""Random records, lists and filter trees for differential tests, and the lake relations they make.

Values sit on edges on purpose: nulls and empty strings, letters whose case folding is longer, several options in a cell,
midnights of other zones, days with 23 or 25 hours, 29 February, texts that are almost numbers or dates.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from assets.segments.catalog import Catalog, KnownList, Link, ObjectTable, make_property
from assets.segments.moment import Moment, moment_of
from schemas.segment_definition import Definition
from tests.unit.segments.oracle import World

NIGHT, ZONE = "2026-11-01", "America/New_York"  # daylight saving ends that morning: the night has 25 hours
ZONES = [None, "Europe/Oslo", "US/Eastern", "Pacific/Auckland", "Africa/Cairo", "UTC"]
NAMES = [
    "Straße", "STRASSE", "strasse", "ΟΔΟΣ", "οδος", "Åse Ål", "åse ål", "stål", "İzmir", "izmir", "ﬁnn", "FINN", "C++ dev",
    "c_dev", "O'Brien", "50% off", "a\\b", " lead", "lead", "new lead", "Lead Gen", "-- x", "naïve", "NAÏVE", "a;b", "",
]  # fmt: skip
PARTS = [*NAMES, "s", "ss", "å", "ål", "lead", "dev", "%", "'", "\\", "i", "ς", "b", " "]
OPTIONS = ["a", "b", "c", "A", "a b", "it's"]
SCORES = [0.0, -1.5, 2.0, 3.0, 10.0, 1e9, 0.1]
SCORE_TEXTS = ["5", " 5 ", "2", "1e1", "-1.5", ".5", "abc", "5 kr", "1,000", "", "0.1", "10"]
YESES = ["true", "Yes", "no", "FALSE", "1", "maybe", ""]
DATES = [
    date(2026, 11, 1) + timedelta(days=n) for n in (-400, -366, -365, -93, -31, -30, -7, -1, 0, 1, 6, 7, 30, 60, 365)
]
DATES += [date(2024, 2, 29), date(2026, 3, 8), date(2026, 1, 1), date(2026, 4, 1), date(2025, 12, 31)]
TIMES = [
    datetime.combine(d, datetime.min.time(), UTC) + timedelta(hours=h, microseconds=us)
    for d in DATES
    for h, us in ((0, 0), (3, 59 * 60_000_000), (4, 0), (5, 0), (5, -1), (11, 0), (23, 500))
]
TIME_TEXTS = [
    "2026-11-01", "2026-10-31", "2026-11-01T03:59:59Z", "2026-11-02T04:59:59+00:00", "2026-11-01 05:00:00", "soon",
    "1793509200000", "2026-02-30", "epoch", "", "1793509199999",
]  # fmt: skip
TYPES = {
    "contact": {
        "hs_object_id": pa.string(), "name": pa.string(), "nick": pa.string(), "hobby": pa.string(), "stage": pa.string(),
        "score": pa.float64(), "limit": pa.float64(), "score_text": pa.string(), "optin": pa.bool_(),
        "other_optin": pa.bool_(), "optin_text": pa.string(), "birthday": pa.date32(), "renewal": pa.date32(),
        "created": pa.timestamp("us", "UTC"), "closed": pa.timestamp("us", "UTC"), "time_text": pa.string(),
        "modified": pa.timestamp("us", "UTC"), "company_ref": pa.float64(),
    },
    "company": {
        "hs_object_id": pa.string(), "industry": pa.string(), "size": pa.float64(), "founded": pa.date32(),
        "modified": pa.timestamp("us", "UTC"),
    },
}  # fmt: skip
DECLARED = {
    "name": ("string", "text"), "nick": ("string", "text"), "hobby": ("enumeration", "checkbox"),
    "stage": ("enumeration", "select"), "industry": ("enumeration", "select"),
}  # fmt: skip


def moment() -> Moment:
    return moment_of(NIGHT, ZONE)


def make_world(seed: int = 1, contacts: int = 60, companies: int = 12) -> World:
    """A world of random records; every property is blank now and then."""
    dice = random.Random(seed)

    def maybe(values: list, chance: float = 0.8) -> Any:
        return dice.choice(values) if dice.random() < chance else None

    world = World(date.fromisoformat(NIGHT), ZONE)
    world.several = {"hobby"}
    makers: dict[str, Callable[[], dict]] = {
        "contact": lambda: {
            "name": maybe(NAMES), "nick": maybe(NAMES), "hobby": maybe([_options(dice)]), "stage": maybe(OPTIONS),
            "score": maybe(SCORES), "limit": maybe(SCORES), "score_text": maybe(SCORE_TEXTS), "optin": maybe([True, False]),
            "other_optin": maybe([True, False]), "optin_text": maybe(YESES), "birthday": maybe(DATES),
            "renewal": maybe(DATES), "created": maybe(TIMES), "closed": maybe(TIMES), "time_text": maybe(TIME_TEXTS),
            "modified": maybe(TIMES, 0.9), "company_ref": maybe([float(n) for n in range(1, companies + 3)]),
        },
        "company": lambda: {
            "industry": maybe(OPTIONS), "size": maybe(SCORES), "founded": maybe(DATES), "modified": maybe(TIMES),
        },
    }  # fmt: skip
    for obj, count in (("company", companies), ("contact", contacts)):
        for number in range(1, count + 1):
            record_id = str(number)
            versions = [{"hs_object_id": record_id, **makers[obj]()} for _ in range(dice.choice((1, 1, 2, 3)))]
            world.versions[obj][record_id] = versions
            world.records[obj][record_id] = versions[-1]
    for contact in world.records["contact"]:
        linked = dice.sample(sorted(world.records["company"]), dice.choice((0, 0, 1, 1, 2, 3)))
        world.pairs += [(contact, company, n == 0 and dice.random() < 0.8) for n, company in enumerate(linked)]
    ids = sorted(world.records["contact"])
    world.delivered = {
        "10": set(dice.sample(ids, min(20, len(ids)))),
        "11": set(),
        "20": set(dice.sample(["1", "2", "3", "4"], 3)),
    }
    world.lists["12"] = ("contact", {"filterBranchType": "OR", "filters": [], "filterBranches": [
        {"filterBranchType": "AND", "filterBranches": [], "filters": [
            {"filterType": "IN_LIST", "listId": "10", "operator": "NOT_IN_LIST"},
            {"filterType": "PROPERTY", "property": "stage", "operation": {
                "operationType": "ENUMERATION", "operator": "IS_ANY_OF", "values": ["a", "b"]}}]}]})  # fmt: skip
    world.lists["21"] = ("company", {"filterBranchType": "AND", "filterBranches": [], "filters": [
        {"filterType": "PROPERTY", "property": "size", "operation": {
            "operationType": "NUMBER", "operator": "IS_GREATER_THAN", "value": 1,
            "includeObjectsWithNoValueSet": True}}]})  # fmt: skip
    return world


def _options(dice: random.Random) -> str:
    chosen = dice.sample(OPTIONS, dice.choice((0, 1, 1, 2, 3)))
    return dice.choice(("", "", ";")) + ";".join(chosen) + dice.choice(("", "", ";"))


def connect(world: World) -> duckdb.DuckDBPyConnection:
    """A connection with the world's relations."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'; SET threads = 1")
    for obj, types in TYPES.items():
        for name, rows in (
            (f"staged__hubspot__{obj}", list(world.records[obj].values())),
            (f"versions__hubspot__{obj}", [v for versions in world.versions[obj].values() for v in versions]),
        ):
            columns = {c: pa.array([r[c] for r in rows], kind) for c, kind in types.items()}
            con.register("arrow", pa.table({**columns, "op": pa.array(["upsert"] * len(rows))}))
            con.execute(f"CREATE TABLE {name} AS FROM arrow")
        con.execute(f"INSERT INTO staged__hubspot__{obj} (hs_object_id, op) VALUES ('gone', 'delete')")
    contacts, companies, primary = zip(*world.pairs, strict=True)
    con.register("arrow", pa.table({"contact_id": contacts, "company_id": companies, "primary": primary}))
    con.execute("CREATE TABLE staged__hubspot__contact_company AS SELECT *, 'upsert' AS op FROM arrow")
    con.execute("INSERT INTO staged__hubspot__contact_company VALUES ('1', '12', true, 'delete')")
    con.execute('CREATE TABLE staged__hubspot__list_membership ("listId" TEXT, "recordId" TEXT, op TEXT)')
    for list_id, ids in world.delivered.items():
        rows = [(list_id, i, "upsert") for i in sorted(ids)] + [(list_id, "5", "delete")] * ("5" not in ids)
        con.executemany("INSERT INTO staged__hubspot__list_membership VALUES (?, ?, ?)", rows)
    return con


def make_catalog(world: World) -> Catalog:
    """The catalog of those relations."""
    kinds = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN", pa.date32(): "DATE"}
    objects = {}
    for obj, types in TYPES.items():
        properties = {}
        for name, kind in types.items():
            made = make_property(name, kinds.get(kind, "TIMESTAMP WITH TIME ZONE"), *DECLARED.get(name, (None, None)))
            assert made is not None
            properties[name] = made
        objects[obj] = ObjectTable(
            obj, f"staged__hubspot__{obj}", properties, versions=f"versions__hubspot__{obj}", modified="modified"
        )
    pair = ("staged__hubspot__contact_company", "contact_id", "company_id")
    links = (
        Link("contact", "company", *pair, primary="primary"),
        Link("company", "contact", pair[0], pair[2], pair[1], primary="primary"),
    )
    lists = {
        i: KnownList(Definition({}, list_id=i, object_type_id="0-2" if i == "20" else "0-1"), delivered=True)
        for i in world.delivered
    }
    for i, (obj, tree) in world.lists.items():
        type_id = {"contact": "0-1", "company": "0-2"}[obj]
        lists[i] = KnownList(Definition(tree, list_id=i, object_type_id=type_id), delivered=False)
    return Catalog(objects, links, lists)


class Trees:
    """Random filter trees over the contacts or companies of a world."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def tree(self, obj: str = "contact", depth: int = 3) -> dict:
        """A branch with up to three filters and, while `depth` lasts, branches."""
        dice = self.dice
        kind = dice.choice(["AND", "AND", "OR", "OR", "NOT_ALL", "NOT_ANY"])
        return {"filterBranchType": kind, "filterBranchOperator": kind, **self._content(obj, depth)}

    def _content(self, obj: str, depth: int) -> dict:
        dice = self.dice
        branches = [self._branch(obj, depth - 1) for _ in range(dice.choice((0, 0, 1, 2)))] if depth > 0 else []
        filters = [self.filter(obj) for _ in range(dice.choice((0, 1, 1, 2, 3)))]
        return {"filterBranches": branches, "filters": filters}

    def _branch(self, obj: str, depth: int) -> dict:
        dice, choice = self.dice, self.dice.random()
        if choice < 0.25:
            target, ids = ("company", (1, 279)) if obj == "contact" else ("contact", (2, 280))
            return {
                "filterBranchType": "ASSOCIATION", "filterBranchOperator": "AND",
                "objectTypeId": {"contact": "0-1", "company": "0-2"}[target], "associationTypeId": dice.choice(ids),
                "associationCategory": "HUBSPOT_DEFINED", "operator": dice.choice(["IN_LIST", "NOT_IN_LIST"]),
                **self._content(target, depth),
            }  # fmt: skip
        if choice < 0.32 and obj == "contact":
            return {
                "filterBranchType": "PROPERTY_ASSOCIATION", "filterBranchOperator": "AND", "objectTypeId": "0-2",
                "propertyWithObjectId": "company_ref", "operator": dice.choice(["IN_LIST", "NOT_IN_LIST"]),
                **self._content("company", depth),
            }  # fmt: skip
        return self.tree(obj, depth)

    def filter(self, obj: str) -> dict:
        """One filter, most often on a property."""
        dice, choice = self.dice, self.dice.random()
        in_list = dice.choice(["IN_LIST", "NOT_IN_LIST"])
        association = {
            "associationTypeId": dice.choice((1, 279) if obj == "contact" else (2, 280)),
            "associationCategory": "HUBSPOT_DEFINED",
        }
        if choice < 0.04:
            return {"filterType": "CONSTANT", "shouldAccept": dice.random() < 0.5}
        if choice < 0.10:
            known = ("10", "11", "12") if obj == "contact" else ("20", "21")
            return {"filterType": "IN_LIST", "listId": dice.choice(known), "operator": in_list}
        if choice < 0.14:
            return {"filterType": "NUM_ASSOCIATIONS", "coalescingRefineBy": self._occurrences(), **association}
        if choice < 0.18:
            known = ("20", "21") if obj == "contact" else ("10", "12")
            sets = ["ALL", "ALL_INCLUDE_EMPTY", "ANY", "ANY_INCLUDE_EMPTY", "NONE", "NONE_EXCLUDE_EMPTY"]
            refined = dice.choice([self._occurrences(), {"type": "SET_OCCURRENCES", "setType": dice.choice(sets)}])
            return {
                "filterType": "ASSOCIATION", "listId": dice.choice(known), "operator": in_list,
                "coalescingRefineBy": refined, **association,
            }  # fmt: skip
        if choice < 0.20 and obj == "contact":
            return {
                "filterType": "PROPERTY_ASSOCIATION", "listId": dice.choice(("20", "21")), "operator": in_list,
                "propertyWithObjectId": "company_ref",
            }  # fmt: skip
        name, operation = self.operation(obj)
        if dice.random() < 0.6:
            operation["includeObjectsWithNoValueSet"] = dice.random() < 0.5
        return {"filterType": "PROPERTY", "property": name, "operation": operation}

    def _occurrences(self) -> dict:
        low, high = self.dice.choice([(0, 0), (1, None), (None, 1), (1, 2), (2, 2), (None, None), (0, 3)])
        return {"type": "NUM_OCCURRENCES", "minOccurrences": low, "maxOccurrences": high}

    def operation(self, obj: str) -> tuple[str, dict]:
        """A property and an operation that fits it."""
        dice = self.dice
        families = _families()[obj]
        makers, names = families[dice.randrange(len(families))]
        name = dice.choice(names)
        return name, dice.choice(makers)(self, name)


def _made(kind: str, operators: str, **payload: Callable[[random.Random], Any]) -> Callable[[Trees, str], dict]:
    names = operators.split()

    def make(trees: Trees, name: str) -> dict:
        found = {"operationType": kind, "operator": trees.dice.choice(names)}
        return found | {key: value(trees.dice) for key, value in payload.items()}

    return make


def _some(values: list) -> Callable[[random.Random], list]:
    return lambda dice: [dice.choice(values) for _ in range(dice.choice((1, 1, 2, 3, 7)))]


def _one(values: list) -> Callable[[random.Random], Any]:
    return lambda dice: dice.choice(values)


def _milliseconds(dice: random.Random) -> int:
    at = dice.choice([*TIMES, datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)])
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


def _point(trees: Trees, name: str) -> dict:
    dice = trees.dice
    zone = dice.choice(ZONES)
    base = {} if zone is None else {"zoneId": zone, "timezoneSource": "CUSTOM"}
    choice = dice.random()
    if choice < 0.35:
        d = dice.choice(DATES)
        clock = dice.choice(
            [{}, dict(zip(("hour", "minute", "second", "millisecond"), (23, 59, 59, 999), strict=True))]
        )
        return {"timeType": "DATE", "year": d.year, "month": d.month, "day": d.day, **clock, **base}
    if choice < 0.75:
        kind = dice.choice(
            ["NOW", "TODAY", "TODAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"]
        )
        reference: dict[str, Any] = {"referenceType": kind}
        if kind == "WEEK":
            reference["dayOfWeek"] = dice.choice(["SUNDAY", "MONDAY", "SATURDAY"])
        if kind in ("MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"):
            reference["day"] = dice.choice([1, 1, 15, 31])
        if kind in ("QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"):
            reference["month"] = dice.choice([1, 2, 3, 4, 10, 12])
        if dice.random() < 0.2:
            reference["hour"] = dice.choice([0, 9, 23])
        offset = dice.choice([None, {"days": -30}, {"days": 1}, {"weeks": -1}, {"months": -1}, {"quarters": 1},
                              {"years": -1}, {"hours": -26}, {"minutes": 90, "milliseconds": -1}, {"days": 0}])  # fmt: skip
        return {"timeType": "INDEXED", "indexReference": reference, **base, **({"offset": offset} if offset else {})}
    others = [n for n in ("birthday", "renewal", "created", "closed") if n != name]
    reading = dice.choice(["VALUE", "VALUE", "UPDATED_AT", "ANNIVERSARY"])
    return {"timeType": "PROPERTY_REFERENCED", "property": dice.choice(others), "referenceType": reading, **base}


def _constant_point(trees: Trees, name: str) -> dict:
    while (found := _point(trees, name))["timeType"] == "PROPERTY_REFERENCED":
        pass
    return found


def _at_point(point: Callable[[Trees, str], dict]) -> Callable[[Trees, str], dict]:
    def make(trees: Trees, name: str) -> dict:
        dice = trees.dice
        parser = dice.choice(["VALUE", "VALUE", "VALUE", "UPDATED_AT", "ANNIVERSARY"])
        ends = [{}, {"endpointBehavior": "INCLUSIVE"}, {"endpointBehavior": "EXCLUSIVE"}]
        return {
            "operationType": "TIME_POINT", "type": "TIME_POINT", "operator": dice.choice(["IS_BEFORE", "IS_AFTER"]),
            "timePoint": point(trees, name), "propertyParser": parser, **dice.choice(ends),
        }  # fmt: skip

    return make


def _between_points(point: Callable[[Trees, str], dict]) -> Callable[[Trees, str], dict]:
    def make(trees: Trees, name: str) -> dict:
        dice = trees.dice
        ends = ["INCLUSIVE", "EXCLUSIVE", None]
        given = {"lowerBoundEndpointBehavior": dice.choice(ends), "upperBoundEndpointBehavior": dice.choice(ends)}
        return {
            "operationType": "TIME_RANGED", "type": "TIME_RANGED",
            "operator": dice.choice(["IS_BETWEEN", "IS_NOT_BETWEEN"]),
            "lowerBoundTimePoint": point(trees, name), "upperBoundTimePoint": point(trees, name),
            "propertyParser": dice.choice(["VALUE", "VALUE", "UPDATED_AT"]), **{k: v for k, v in given.items() if v},
        }  # fmt: skip

    return make


def _calendar(trees: Trees, name: str) -> dict:
    dice = trees.dice
    found: dict[str, Any] = {
        "operationType": "CALENDAR_DATE", "timeUnit": dice.choice(["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]),
        "operator": dice.choice(
            ["IN_THIS_TIME_UNIT", "IN_THIS_TIME_UNIT_SO_FAR", "IN_NEXT_TIME_UNIT", "IN_LAST_TIME_UNIT"]
        ),
    }  # fmt: skip
    if dice.random() < 0.5:
        found["timeUnitCount"] = dice.choice([1, 2, 5])
    if dice.random() < 0.4:
        found |= {
            "useFiscalYear": dice.random() < 0.8,
            "fiscalYearStart": dice.choice(["JANUARY", "FEBRUARY", "APRIL"]),
        }
    return found


def _compared_date(trees: Trees, name: str) -> dict:
    dice = trees.dice
    found = {
        "operationType": dice.choice(["COMPARATIVE_DATE", "COMPARATIVE_DATE", "COMPARATIVE_PROPERTY_UPDATED"]),
        "operator": dice.choice(["IS_BEFORE", "IS_AFTER"]),
        "comparisonPropertyName": dice.choice(["birthday", "renewal", "created", "closed"]),
    }
    default = dice.choice([None, "1793509200000", "2026-10-25", "2026-11-01T12:00:00Z"])
    return found | ({"defaultComparisonValue": default} if default else {})


_TEXTS = "IS_EQUAL_TO IS_NOT_EQUAL_TO CONTAINS DOES_NOT_CONTAIN STARTS_WITH ENDS_WITH"
_EVER = "HAS_EVER_BEEN_EQUAL_TO HAS_NEVER_BEEN_EQUAL_TO"
_NUMBERS = (
    "IS_EQUAL_TO IS_NOT_EQUAL_TO IS_GREATER_THAN IS_GREATER_THAN_OR_EQUAL_TO IS_LESS_THAN IS_LESS_THAN_OR_EQUAL_TO"
)
_SETS = (
    "IS_ANY_OF IS_NONE_OF IS_EXACTLY IS_NOT_EXACTLY CONTAINS_ALL DOES_NOT_CONTAIN_ALL HAS_EVER_BEEN_ANY_OF"
    " HAS_NEVER_BEEN_ANY_OF HAS_EVER_BEEN_EXACTLY HAS_NEVER_BEEN_EXACTLY HAS_EVER_CONTAINED_ALL HAS_NEVER_CONTAINED_ALL"
)
_ROLLING = "IS_LESS_THAN_X_DAYS_AGO IS_MORE_THAN_X_DAYS_AGO IS_LESS_THAN_X_DAYS_FROM_NOW IS_MORE_THAN_X_DAYS_FROM_NOW"


@cache
def _families() -> dict[str, list[tuple[list[Callable[[Trees, str], dict]], list[str]]]]:
    """Per object: (operations, the properties they fit)."""
    days = _one([0, 1, 7, 30, 31, 365])
    known = [_made("ALL_PROPERTY", "IS_KNOWN IS_UNKNOWN IS_BLANK IS_NOT_BLANK")]
    texts = [
        _made("STRING", f"{_TEXTS} {_EVER} HAS_EVER_CONTAINED HAS_NEVER_CONTAINED", value=_one(PARTS)),
        _made("MULTISTRING", f"{_TEXTS} {_EVER} CONTAINS_EXACTLY DOES_NOT_CONTAIN_EXACTLY", values=_some(PARTS)),
        _made("STRING_COMPARATIVE", _TEXTS, comparisonPropertyName=_one(["name", "nick"])),
    ]
    numbers = [
        _made("NUMBER", f"{_NUMBERS} {_EVER}", value=_one([*SCORES, 5, 2])),
        _made("NUMBER_RANGED", "IS_BETWEEN IS_NOT_BETWEEN", lowerBound=_one([-2, 0, 2]), upperBound=_one([1, 2, 10])),
    ]
    compared = [_made("NUMBER_COMPARATIVE", _NUMBERS, comparisonPropertyName=_one(["score", "limit", "score_text"]))]
    bools = [_made("BOOL", f"IS_EQUAL_TO IS_NOT_EQUAL_TO {_EVER}", value=_one([True, False]))]
    other = _one(["optin", "other_optin", "optin_text"])
    compared_bools = [_made("BOOL_COMPARATIVE", "IS_EQUAL_TO IS_NOT_EQUAL_TO", comparisonPropertyName=other)]
    sets = [_made("ENUMERATION", _SETS, values=_some(OPTIONS))]
    plain_times = [
        _made("DATETIME", "IS_EQUAL_TO IS_BEFORE IS_AFTER IS_BEFORE_DATE IS_AFTER_DATE", timestamp=_milliseconds),
        _made("DATE", "IS_EQUAL_TO IS_BEFORE IS_AFTER", year=_one([2025, 2026]), month=_one([1, "OCT", "NOVEMBER", 12]),
              day=_one([1, 25, 30])),
        _made("ROLLING_DATE_RANGE", _ROLLING, numberOfDays=days),
        _made("DATE", _ROLLING, numberOfDays=days),
        _made("RANGED_DATE", "IS_BETWEEN IS_NOT_BETWEEN", lowerBound=_milliseconds, upperBound=_milliseconds),
        _calendar,
        _at_point(_constant_point),
        _between_points(_constant_point),
    ]  # fmt: skip
    times = [*plain_times, _compared_date, _at_point(_point), _between_points(_point), _at_point(_point)]
    updated = [
        _made("ROLLING_PROPERTY_UPDATED", "UPDATED_IN_LAST_X_DAYS NOT_UPDATED_IN_LAST_X_DAYS", numberOfDays=days)
    ]
    return {
        "contact": [
            (known, ["name", "hobby", "score", "optin", "created", "birthday", "score_text"]),
            (texts, ["name", "nick"]),
            (sets, ["hobby", "hobby", "stage"]),
            ([*numbers, *compared], ["score", "limit", "score_text"]),
            ([*bools, *compared_bools], ["optin", "optin_text"]),
            (times, ["birthday", "renewal", "created", "closed"]),
            (times, ["birthday", "renewal", "created", "closed", "time_text"]),
            (updated, ["name", "score", "created"]),
        ],
        "company": [
            (known, ["industry", "size", "founded"]),
            (sets, ["industry"]),
            (numbers, ["size"]),
            (plain_times, ["founded"]),
            (updated, ["size"]),
        ],
    }
