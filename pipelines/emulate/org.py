"""The emulated Salesforce org: objects with their describes, records live and deleted, Bulk jobs, and what a write does."""

import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any

from pipelines.emulate import soql
from pipelines.emulate.state import World, iso
from schemas.contract import Kind, kinds
from schemas.salesforce import ENTITIES

Row = dict[str, Any]
OBJECTS = {entity.object: name for name, entity in ENTITIES.items() if entity.object}
PREFIX = {
    "Lead": "00Q",
    "Contact": "003",
    "Account": "001",
    "User": "005",
    "Campaign": "701",
    "CampaignMember": "00v",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
}
_TYPES = {
    Kind.NUMBER: "double",
    Kind.INTEGER: "int",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.ID: "id",
    Kind.REFERENCE: "reference",
    Kind.EMAIL: "email",
}
_MERGES = ("Lead", "Contact", "Account")
_NUMBERS = ("int", "double", "currency", "percent")


class Refused(Exception):
    """A request that Salesforce answers with an error code."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass
class Job:
    """A Bulk 2.0 query job and its result."""

    id: str
    query: str
    operation: str
    ready: float
    header: list[str]
    rows: list[Row]
    failed: str | None = None


@dataclass
class Org:
    """One org."""

    world: World
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    fields: dict[str, list[Row]] = field(default_factory=dict)
    described_at: dict[str, float] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    locators: dict[str, tuple[list[Row], list[str], str]] = field(default_factory=dict)
    no_bulk: set[str] = field(default_factory=set)  # objects that Bulk does not take

    def load(self, tables: dict[str, list[Row]]) -> None:
        """Fill from raw rows as an export's extraction lands them: text by API name."""
        described: dict[str, list[Row]] = {}
        for row in tables.get("field", []):
            described.setdefault(row["object"], []).append(_described(row))
        for name, entity in OBJECTS.items():
            found = tables.get(entity, [])
            self.rows[name] = {
                row["Id"]: {k: v for k, v in row.items() if k not in ("source_file", "source_line", "night")}
                for row in found
            }
            known = kinds(ENTITIES[entity].model)
            names = {
                column for row in found[:1] for column in row if column not in ("source_file", "source_line", "night")
            } or set(known)
            for standard in ("Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp"):
                names.add(standard)
            if name not in _MERGES:
                names.discard("MasterRecordId")
            guessed = [_guess(column, known.get(column, Kind.TEXT)) for column in sorted(names)]
            listed = {row["name"] for row in described.get(name, [])}
            self.fields[name] = [
                *described.get(name, []),
                *(g for g in guessed if not listed or g["name"] in _ALWAYS - listed),
            ]
            self.described_at[name] = self.world.now()

    def put(self, name: str, values: Row, record_id: str | None = None) -> str:
        """Create or update; values as text, None clears."""
        now = self.world.stamp()
        key = record_id or f"{PREFIX[name]}{len(self.rows[name]) + 1:012d}AAA"
        row = self.rows[name].setdefault(key, {"Id": key, "IsDeleted": "false", "CreatedDate": now})
        row.update({k: _text(v) for k, v in values.items()})
        row["LastModifiedDate"] = row["SystemModstamp"] = now
        return key

    def delete(self, name: str, key: str, *, into: str | None = None, hard: bool = False) -> None:
        """To the recycle bin, as the loser of a merge, or without a trace."""
        if hard:
            del self.rows[name][key]
            return
        row = self.rows[name][key]
        row.update(IsDeleted="true", SystemModstamp=self.world.stamp())
        if into:
            row["MasterRecordId"] = into

    def columns(self, name: str) -> dict[str, Row]:
        """Fields by lower-case name."""
        if name not in self.rows:
            raise Refused("INVALID_TYPE")
        return {f["name"].lower(): f for f in self.fields[name]}

    def run(self, text: str, *, everything: bool, bulk: bool = False) -> tuple[soql.Query, list[Row]]:
        """Records of a query. Raises Refused."""
        if len(text) > 100_000:
            raise Refused("MALFORMED_QUERY")
        try:
            query = soql.parse(text)
            known = self.columns(query.object)
            if not query.counts:
                for name in query.fields:
                    if name.lower() not in known:
                        raise Refused("INVALID_FIELD")
                    if bulk and known[name.lower()]["type"] in ("address", "location", "base64"):
                        raise Refused("FEATURENOTENABLED")
            rows = [row for row in self.rows[query.object].values() if everything or row.get("IsDeleted") != "true"]
            found = [row for row in rows if query.test is None or query.test(row)]
        except soql.Malformed:
            raise Refused("MALFORMED_QUERY") from None
        if query.order:
            order = query.order
            found.sort(key=lambda row: row.get(order) or "", reverse=query.down)
        return query, found[: query.limit]

    def typed(self, name: str, row: Row, fields: list[str]) -> Row:
        """A record as REST gives it."""
        known = self.columns(name)
        record: Row = {"attributes": {"type": name, "url": f"/services/data/v67.0/sobjects/{name}/{row['Id']}"}}
        for asked in fields:
            given = known[asked.lower()]
            record[given["name"]] = _value(given["type"], row.get(given["name"]))
        return record

    def start(self, body: Row) -> Job:
        """A Bulk query job. Raises Refused."""
        query, rows = self.run(body["query"], everything=body["operation"] == "queryAll", bulk=True)
        if query.object in self.no_bulk:
            raise Refused("FEATURENOTENABLED")
        known = self.columns(query.object)
        header = sorted(known[f.lower()]["name"] for f in query.fields)  # not the order of the SELECT
        job = Job(
            f"750{len(self.jobs) + 1:015d}",
            body["query"],
            body["operation"],
            self.world.now() + self.world.settings.bulk_delay,
            header,
            rows,
        )
        self.jobs[job.id] = job
        return job

    def csv(self, job: Job, start: int, count: int) -> tuple[bytes, int]:
        """One result page and its number of records."""
        part = job.rows[start : start + count]
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(job.header)
        dates = {f["name"] for f in self.fields[soql.parse(job.query).object] if f["type"] == "datetime"}
        writer.writerows([_bulk(row.get(c), c in dates) for c in job.header] for row in part)
        return out.getvalue().encode(), len(part)


_ALWAYS = {"Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp"}


def _bulk(value: Any, is_date: bool) -> str:
    return value.replace("+0000", "Z").replace("+00:00", "Z") if is_date and value else value or ""


def _value(kind: str, text: str | None) -> Any:
    if text is None:
        return None
    if kind == "boolean":
        return text == "true"
    if kind in _NUMBERS:
        return json.loads(text)
    return text.replace("Z", "+0000") if kind == "datetime" else text


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(value)


def _described(row: Row) -> Row:
    given = {k: v for k, v in row.items() if k not in ("source_file", "source_line", "night", "object")}
    flags = (
        "nillable",
        "calculated",
        "createable",
        "updateable",
        "custom",
        "externalId",
        "idLookup",
        "caseSensitive",
        "restrictedPicklist",
        "defaultedOnCreate",
    )
    found = _guess(row["name"], Kind.TEXT)
    found.update({k: v for k, v in given.items() if v is not None})
    found.update({k: given.get(k) == "true" for k in flags})
    found.update({k: int(given[k]) for k in ("length", "precision", "scale") if given.get(k)})
    found.update({k: json.loads(given[k]) if given.get(k) else [] for k in ("picklistValues", "referenceTo")})
    return found


def _guess(name: str, kind: Kind) -> Row:
    return {
        "name": name,
        "label": name,
        "type": _TYPES.get(kind, "string"),
        "length": 255,
        "byteLength": 765,
        "precision": 0,
        "scale": 0,
        "digits": 0,
        "nillable": True,
        "calculated": False,
        "createable": kind not in (Kind.ID, Kind.DATETIME),
        "updateable": kind not in (Kind.ID, Kind.DATETIME),
        "custom": name.endswith("__c"),
        "externalId": False,
        "unique": False,
        "idLookup": name == "Id",
        "caseSensitive": False,
        "restrictedPicklist": False,
        "defaultedOnCreate": kind is Kind.BOOLEAN,
        "filterable": True,
        "sortable": True,
        "compoundFieldName": None,
        "deprecatedAndHidden": False,
        "relationshipName": None,
        "referenceTo": [],
        "picklistValues": [],
        "defaultValue": None,
        "soapType": "xsd:string",
    }


def stamp(at: float) -> str:
    """A time as REST writes it."""
    return iso(at).replace("Z", "+0000")
