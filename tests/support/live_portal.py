"""A small pair of CRMs in an emulator and as exports of the same moment, and ways to read what an extraction landed."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from assets.hubspot.api_extract import extract_api as hubspot_api
from assets.salesforce.api_extract import extract_api as salesforce_api
from assets.shared.lake import Lake
from pipelines.emulate.serve import Serving
from schemas.config_sources import ApiSource, HubspotApi
from tests.support.live import QUICK

NIGHT = "2026-11-20"
NEXT = "2026-11-21"
_WHEN = "2026-11-20T10:00:00.000Z"


def end(night: str) -> datetime:
    """Midnight after a night, UTC."""
    return datetime.fromisoformat(night).replace(tzinfo=UTC) + timedelta(days=1)


def new_lake(folder: Path) -> Lake:
    """An empty lake."""
    lake = Lake(folder / "lake")
    lake.prepare()
    return lake


def fetch(
    serving: Serving, lake: Lake, *nights: str, crm: str = "hubspot", api: dict[str, Any] | None = None, **more: Any
) -> Any:
    """One extraction; the result of the last night."""
    run = hubspot_api if crm == "hubspot" else salesforce_api
    found = run(
        lake,
        {n: end(n) for n in nights or (NIGHT,)},
        (HubspotApi if crm == "hubspot" else ApiSource)(**(api or {})),
        serving.secrets(),
        patience=QUICK,
        **more,
    )
    return found[max(found)]


def landed(lake: Lake, key: str, night: str = NIGHT) -> list[dict[str, Any]]:
    """Rows of a raw table, cells that are there, without where they came from."""
    with lake.connect(night) as session:
        session.use(key)
        rows = session.sql(f"SELECT * FROM {key.replace('/', '__')} ORDER BY ALL").to_arrow_table().to_pylist()
    return [
        {k: v for k, v in row.items() if v is not None and k not in ("source_file", "source_line", "night")}
        for row in rows
    ]


def column(lake: Lake, key: str, name: str, night: str = NIGHT) -> list[Any]:
    """One column of a raw table, sorted."""
    return sorted((row.get(name) for row in landed(lake, key, night)), key=str)


def staged(lake: Lake, key: str, night: str) -> pa.Table:
    """The versions that a night staged."""
    with lake.connect(night) as session:
        session.use(key, versions=True)
        name = key.replace("/", "__")
        return session.sql(f"SELECT * FROM {name} WHERE night = '{night}' ORDER BY 1").to_arrow_table()


def write_exports(folder: Path, contacts: int = 230) -> tuple[Path, Path]:
    """Both CRMs as their export tools write them: quotes, line ends, blanks, all small files."""
    hubspot, salesforce = folder / "hubspot", folder / "salesforce"
    for sub in ("properties", "associations"):
        (hubspot / sub).mkdir(parents=True)
    (salesforce / "describe").mkdir(parents=True)
    people = [
        {
            "hs_object_id": str(101 + 3 * i),
            "email": f"p{i}@example.no",
            "firstname": 'Åse "X"' if i % 3 else "",
            "lastname": f"L{i}\nB",
            "lifecyclestage": "lead",
            "createdate": _WHEN,
            "lastmodifieddate": _WHEN,
            "score": str(i),
        }
        for i in range(contacts)
    ]
    firms = [
        {"hs_object_id": str(9000 + i), "name": f"Firm, {i}", "createdate": _WHEN, "hs_lastmodifieddate": _WHEN}
        for i in range(5)
    ]
    _csv(hubspot / "contacts.csv", people)
    _csv(hubspot / "companies.csv", firms)
    for name, rows in (("contacts", people), ("companies", firms)):
        text = {n: ("number", "number") if n == "score" else ("string", "text") for n in rows[0]}
        properties = [
            {
                "name": n,
                "label": n.title(),
                "type": t,
                "fieldType": f,
                "options": [],
                "calculated": False,
                "hasUniqueValue": False,
                "modificationMetadata": {"readOnlyValue": False},
            }
            for n, (t, f) in text.items()
        ]
        (hubspot / "properties" / f"{name}.json").write_text(json.dumps({"results": properties}))
    owners = [
        {
            "id": "7",
            "email": "o@example.no",
            "firstName": "O",
            "lastName": "W",
            "type": "PERSON",
            "archived": False,
            "userId": 70,
        }
    ]
    (hubspot / "owners.json").write_text(json.dumps({"results": owners}))
    account = {"portalId": 62515, "accountType": "STANDARD", "timeZone": "US/Eastern", "companyCurrency": "USD"}
    (hubspot / "account.json").write_text(json.dumps(account))
    branch = {
        "filterBranchType": "OR",
        "filterBranchOperator": "OR",
        "filterBranches": [],
        "filters": [
            {
                "filterType": "PROPERTY",
                "property": "score",
                "operation": {
                    "operationType": "ALL_PROPERTY",
                    "operator": "IS_KNOWN",
                    "includeObjectsWithNoValueSet": False,
                },
            }
        ],
    }
    lists = [
        {
            "listId": "5",
            "name": "All",
            "objectTypeId": "0-1",
            "processingType": "DYNAMIC",
            "processingStatus": "COMPLETE",
            "filterBranch": branch,
        }
    ]
    (hubspot / "lists.json").write_text(json.dumps({"lists": lists}))
    _csv(
        hubspot / "list_memberships.csv",
        [{"listId": "5", "recordId": p["hs_object_id"], "membershipTimestamp": _WHEN} for p in people],
    )
    pairs = [
        {
            "contact_id": people[i]["hs_object_id"],
            "company_id": "9000",
            "label": "Buyer" if i == 1 else "",
            "primary": "true" if i else "false",
        }
        for i in range(3)
    ]
    _csv(hubspot / "associations" / "contact_company.csv", pairs)
    stamps = {"CreatedDate": _WHEN, "LastModifiedDate": _WHEN, "SystemModstamp": _WHEN}
    base = {"IsDeleted": "false", **stamps}
    leads = [
        {
            "Id": f"00Q{i:012d}AAA",
            "LastName": f'L"{i}',
            "Company": "A,B",
            "Email": f"l{i}@example.no",
            "Description": "two\nlines",
            "AnnualRevenue": "1500.5",
            "NumberOfEmployees": "12",
            "IsConverted": "false",
            "MasterRecordId": "",
            **base,
        }
        for i in range(40)
    ]
    leads[3] |= {"IsDeleted": "true", "MasterRecordId": leads[4]["Id"]}
    _csv(salesforce / "Lead.csv", leads)
    _csv(
        salesforce / "Contact.csv",
        [{"Id": "003000000000001AAA", "LastName": "C", "AccountId": "001000000000001AAA", **base}],
    )
    _csv(salesforce / "Account.csv", [{"Id": "001000000000001AAA", "Name": "Acme", **base}])
    return hubspot, salesforce


def _csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
