"""How HubSpot names things: labels to internal names, option labels to internal values, API objects to columns."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa

from assets.hubspot import labels
from assets.shared.delivery import File
from schemas.contract import kinds
from schemas.delivery import Entity
from schemas.hubspot import ENTITIES, OBJECTS

_OBJECT = {
    "hs_object_id": "/id",
    "archived": "/archived",
    "createdAt": "/createdAt",
    "updatedAt": "/updatedAt",
    "archivedAt": "/archivedAt",
    "propertiesWithHistory": "/propertiesWithHistory",
    "associations": "/associations",
}
_PROPERTY = {name: f"/{name}" for name in kinds(ENTITIES["property"].model)} | {
    "read_only": "/modificationMetadata/readOnlyValue"
}


class HubspotReading:
    """One night's folder: its property and owner files say what labels mean, else HubSpot's own defaults do."""

    crm = "hubspot"
    entities: Mapping[str, Entity] = ENTITIES
    lists: tuple[str, ...] = ("results", "lists", "owners")
    answers: tuple[str, ...] = ("Error code",)

    def __init__(self, folder: Path) -> None:
        self._portal = labels.Portal(folder)

    def names(self, entity: str, header: list[str]) -> tuple[list[str], set[str]]:
        """Internal names; a cell that is no internal name may be a label, of the portal's own properties first."""
        if entity not in self.entities or self.entities[entity].object is None:
            return header, set()
        return self._portal.names(entity, header)

    def cells(self, entity: str, table: pa.Table, labelled: set[str]) -> pa.Table:
        """Option labels as internal values in label-headed columns; what is no label of the column stays."""
        frame = pl.DataFrame(table)
        changed = [
            labels.translate(pl.col(name), options).alias(name)
            for name in table.column_names
            if name in labelled and (options := self._portal.options(entity, name))
        ]
        if not changed:
            return table
        text = pa.schema([(f.name, pa.string() if f.name != "source_line" else f.type) for f in table.schema])
        return frame.with_columns(changed).to_arrow().cast(text)

    def pointers(self, entity: str, file: File) -> tuple[dict[str, str], str | None]:
        """An API object has its values in `properties`; an owner, list or property has them at the top."""
        if self.entities[entity].object is not None:
            return _OBJECT, "/properties"
        return (_PROPERTY if entity == "property" else {}), (None if entity == "property" else "")

    def records(self, entity: str, file: File, found: list[object]) -> list[object]:
        """Properties get the name of their object."""
        if entity != "property":
            return found
        object_name = OBJECTS.get(file.object, file.object)
        return [{**item, "object": object_name} if isinstance(item, dict) else item for item in found]
