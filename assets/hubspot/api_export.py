"""Every live record of one object as one file, by HubSpot's exports: one call and a wait in place of a call for every hundred.

A portal takes some thirty exports a day and works on one at a time. The file's address is signed and gets no token.
"""

import asyncio
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from assets.hubspot.client import HubspotClient
from assets.hubspot.client_paths import PLURAL, path
from assets.shared.failures import CrosswalkError
from assets.shared.http_csv import header_of, read_page
from assets.shared.http_failures import CallRefused
from assets.shared.http_journal import Journal

_POLL, _SLOWEST_POLL = 0.2, 15.0
_ID = ("hs_object_id", "record id")


class Export:
    """One object's export: started once, waited for, downloaded once, whatever happens in between."""

    def __init__(
        self, client: HubspotClient, journal: Journal, folder: Path, entity: str, properties: Sequence[str]
    ) -> None:
        self.client = client
        self.journal = journal
        self.entity = entity
        self.properties = [name for name in dict.fromkeys(properties) if name != "hs_object_id"]
        self._folder = folder / entity

    async def run(self) -> None:
        """Get the file, unless it is there already. Raises CallRefused where the token lacks crm.export."""
        done, task = f"done:export:{self.entity}", f"export:{self.entity}"
        if self.journal.mark(done):
            return
        number = self.journal.mark(task)
        if number is None:
            start = path("exports", "export", "async")
            number = str((await self.client.http.document("POST", start, "id", body=self._body()))["id"])
            self.journal.put_mark(task, number)
        try:
            url = await self._finished(number)
        except CallRefused:
            self.journal.forget("export", task)  # the next run starts another
            raise
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        target = self._folder / "download"
        await self.client.http.download(url, target, kind="export", signed=False)
        self._unpack(target)
        for header in filter(None, map(header_of, self._folder.glob("*.csv"))):  # an empty file has no records
            self._identity(header)
        self.journal.put_mark(done, "yes")

    def tables(self) -> Iterator[pa.Table]:
        """hs_object_id, archived, archivedAt and the properties as text; a property without a column is null."""
        for file in sorted(self._folder.glob("*.csv")):
            header = header_of(file)
            if not header:
                continue
            identity = self._identity(header)
            there = [name for name in self.properties if name in header]
            for table in read_page(file, [identity, *there], -1, crm="hubspot"):
                nothing = pa.nulls(table.num_rows, pa.string())
                cells = {name: table.column(name) if name in there else nothing for name in self.properties}
                marks = {"archived": nothing, "archivedAt": nothing}
                yield pa.table({"hs_object_id": pc.utf8_trim_whitespace(table.column(identity)), **marks, **cells})

    def _identity(self, header: list[str]) -> str:
        """The column of record ids. Raises CrosswalkError for a file that is no export: the next run downloads another."""
        identity = next((name for name in header if name.lower() in _ID), None)
        if identity is None:
            raise CrosswalkError(f"hubspot: the export of {PLURAL[self.entity]} has no column of record ids")
        return identity

    def forget(self) -> None:
        """Remove the files: they hold records."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _body(self) -> dict[str, object]:
        """Every key that the contract of 2026-09 requires; internal names and values, as the API itself gives them."""
        return {
            "exportType": "VIEW",
            "exportName": f"Crosswalk {PLURAL[self.entity]}",
            "format": "CSV",
            "language": "EN",
            "objectType": self.entity.upper(),
            "objectProperties": ["hs_object_id", *self.properties],
            "associatedObjectType": [],
            "exportInternalValuesOptions": ["NAMES", "VALUES"],
            "overrideAssociatedObjectsPerDefinitionPerRowLimit": False,
            "includeLabeledAssociations": False,
            "includePrimaryDisplayPropertyForAssociatedObjects": False,
            "publicCrmSearchRequest": {"filters": [], "query": "", "sorts": []},
        }

    async def _finished(self, number: str) -> str:
        """Wait; the signed address of the file."""
        wait = _POLL
        url = path("exports", "export", "async", "tasks", number, "status")
        while True:
            state = await self.client.http.document("GET", url, "status")
            if state["status"] == "COMPLETE" and state.get("result"):
                return str(state["result"])
            if state["status"] not in ("PENDING", "PROCESSING", "COMPLETE"):
                raise CallRefused(f"hubspot: the export of {PLURAL[self.entity]} ended as {state['status']}")
            await asyncio.sleep(wait * self.client.http.patience.scale)
            wait = min(wait * 1.5, _SLOWEST_POLL)

    def _unpack(self, target: Path) -> None:
        """One CSV, or a zip of several: HubSpot splits what has more than a million rows."""
        if not zipfile.is_zipfile(target):
            target.rename(self._folder / "0.csv")
            return
        with zipfile.ZipFile(target) as archive:
            members = [name for name in archive.namelist() if name.lower().endswith(".csv")]
            for number, name in enumerate(sorted(members)):
                with archive.open(name) as source, (self._folder / f"{number}.csv").open("wb") as file:
                    shutil.copyfileobj(source, file)
        target.unlink()
