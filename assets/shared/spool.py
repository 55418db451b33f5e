"""Rows on their way into the lake: kept in the lake's spill folder until the whole night is known to be good, then streamed out.

Chunks may differ in their columns; what comes out has the union, in order of first appearance, as text.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

_TAIL = {"source_file": pa.string(), "source_line": pa.int64()}


class Spool:
    """Rows of one entity, in the order they were added."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []
        self._writer: pa.RecordBatchFileWriter | None = None
        self._schema: pa.Schema | None = None
        self._columns: dict[str, None] = {}
        self.rows = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def columns(self) -> list[str]:
        """Delivered columns so far."""
        return list(self._columns)

    def expect(self, columns: list[str]) -> None:
        """Columns that are there even if no row comes."""
        self._columns.update(dict.fromkeys(columns))

    def add(self, table: pa.Table) -> None:
        """Keep the rows of a table that has text columns, `source_file` and `source_line`."""
        self.expect([name for name in table.column_names if name not in _TAIL])
        if table.num_rows == 0:
            return
        if self._writer is None or table.schema != self._schema:
            self.close()
            path = self._folder / f"{len(self._files):06d}.arrow"
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_file(path, table.schema, options=options)
            self._schema = table.schema
            self._files.append(path)
        self._writer.write_table(table)
        self.rows += table.num_rows

    def close(self) -> None:
        """Finish the file being written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def reader(self) -> pa.RecordBatchReader:
        """All rows, with the union of the columns."""
        self.close()
        schema = pa.schema([*((name, pa.string()) for name in self._columns), *_TAIL.items()])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for path in self._files:
            with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as file:
                for number in range(file.num_record_batches):
                    batch = file.get_batch(number)
                    columns = [
                        batch.column(field.name).cast(field.type)
                        if field.name in batch.schema.names
                        else pa.nulls(batch.num_rows, field.type)
                        for field in schema
                    ]
                    yield pa.RecordBatch.from_arrays(columns, schema=schema)
