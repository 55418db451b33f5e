"""Small export folders for tests of the intake: a good night of each CRM, to be spoilt."""

import json
from pathlib import Path
from typing import Any

from assets.hubspot.extract import extract as extract_hubspot
from assets.hubspot.stage import stage as stage_hubspot
from assets.salesforce.extract import extract as extract_salesforce
from assets.salesforce.stage import stage as stage_salesforce
from assets.shared.lake import Lake
from assets.shared.landing import Extraction
from assets.shared.staging import StagingReport

EXTRACT = {"hubspot": extract_hubspot, "salesforce": extract_salesforce}
STAGE = {"hubspot": stage_hubspot, "salesforce": stage_salesforce}

HUBSPOT = {
    "contacts.csv": "Record ID,Email,First Name,Create Date,Last Modified Date,score\n"
    "1,ann@x.example,Ann,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,1\n"
    "2,bo@x.example,Bo,2026-01-02T00:00:00Z,2026-02-02T00:00:00Z,2\n"
    "3,cy@x.example,Cy,2026-01-03T00:00:00Z,2026-02-03T00:00:00Z,3\n",
    "companies.jsonl": '{"id":"11","properties":{"name":"Acme"},"archived":false}\n',
    "owners.json": '{"results":[{"id":"7","email":"o@x.example","archived":false}]}',
    "lists.json": '{"lists":[{"listId":"5","name":"All","filterBranch":{"filterBranchType":"OR"}}]}',
    "list_memberships.csv": "listId,recordId\n5,1\n5,2\n",
    "associations/contact_company.csv": "contact_id,company_id,label,primary\n1,11,,true\n",
    "properties/contacts.json": '{"results":[{"name":"score","label":"Score","type":"number","fieldType":"number"}]}',
}
SALESFORCE = {
    "Lead.csv": "Id,Email,LastName,IsDeleted,MasterRecordId,SystemModstamp\n"
    "00Q000000000001,li@x.example,Li,false,,2026-02-01T00:00:00.000+0000\n"
    "00Q000000000002,mo@x.example,Mo,false,,2026-02-02T00:00:00.000+0000\n",
    "Contact.csv": "Id,Email,AccountId\n003000000000001,ny@x.example,001000000000001\n",
    "CampaignMember.csv": "Id,CampaignId,LeadId\n00v000000000001,701000000000001,00Q000000000001\n",
    "describe/Lead.json": json.dumps(
        {"name": "Lead", "fields": [{"name": "LastName", "type": "string", "length": 80}]}
    ),
}
GOOD = {"hubspot": HUBSPOT, "salesforce": SALESFORCE}


class Exports:
    """Folders and a lake below one temporary folder. `write` makes a night of one CRM from the good one and changes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lake = Lake(root / "lake")
        self.lake.prepare()

    def folder(self, crm: str, night: str) -> Path:
        return self.root / "exports" / night / crm

    def write(
        self, crm: str, night: str, changes: dict[str, str | bytes | None] | None = None, *, good: bool = True
    ) -> Path:
        """Files of a night: the good ones (or none), with some replaced, added, or (None) left out."""
        folder = self.folder(crm, night)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in ({**(GOOD[crm] if good else {}), **(changes or {})}).items():
            if content is not None:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    def extract(self, crm: str, night: str, **options: Any) -> Extraction:
        given = {"snapshot": "full", "max_shrink": 0.1, **options}
        return EXTRACT[crm](self.lake, night, self.folder(crm, night), **given)

    def stage(self, crm: str, night: str, **options: Any) -> StagingReport:
        return STAGE[crm](self.lake, [night], **{"snapshot": "full", **options})[night]

    def night(
        self,
        crm: str,
        night: str,
        changes: dict[str, str | bytes | None] | None = None,
        *,
        good: bool = False,
        **options: Any,
    ) -> StagingReport:
        """Write, fetch and stage a night: the good one, or the files given, or (`good`) the good one with changes."""
        self.write(crm, night, changes, good=good or changes is None)
        self.extract(crm, night, snapshot=options.get("snapshot", "full"), max_shrink=1.0)
        return self.stage(crm, night, **options)

    def rows(self, key: str, night: str, query: str = "*", *, versions: bool = False) -> list[dict[str, Any]]:
        """Rows of a table as of a night; of staged, its state."""
        with self.lake.connect(night) as session:
            session.use(key, versions=versions)
            relation = key.replace("/", "__")
            found: list[dict[str, Any]] = (
                session.sql(f"SELECT {query} FROM {relation} ORDER BY ALL").to_arrow_table().to_pylist()
            )
        return found

    def everything(self) -> dict[str, bytes]:
        """Every file of the lake, the spill folder apart."""
        files = (path for path in self.lake.root.rglob("*") if path.is_file() and ".spill" not in path.parts)
        return {path.relative_to(self.lake.root).as_posix(): path.read_bytes() for path in files}
