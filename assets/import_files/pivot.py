"""From one row an operation with a list of changes to one column a field, without a loop over rows.

The children of the list are addressed through their parents' numbers, so each field costs one scatter and one take.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Slice:
    """A run of operations in file order: `keys` has one row an operation, `values` one text column a field.

    `literal` marks operations one of whose values is, as data, the very text that stands for a blank.
    """

    keys: pa.RecordBatch
    values: dict[str, pa.Array]
    literal: pa.Array | None = None

    @property
    def rows(self) -> int:
        """Number of operations."""
        return int(self.keys.num_rows)

    def keep(self, mask: pa.Array) -> "Slice":
        """The operations for which the mask is true."""
        values = {name: column.filter(mask) for name, column in self.values.items()}
        return Slice(self.keys.filter(mask), values, None if self.literal is None else self.literal.filter(mask))

    def column(self, name: str) -> pa.Array:
        """One of the keys."""
        return self.keys.column(name)

    def replace(self, values: dict[str, pa.Array]) -> "Slice":
        """The same operations with other values."""
        return Slice(self.keys, values, self.literal)


def pivot(batch: pa.RecordBatch, fields: list[str], blank: str | None = None, marker: str | None = None) -> Slice:
    """Columns of `fields` from the batch's column `changes` (list of {field, value}).

    A field that an operation does not have is null. A field that it has without a value is `blank`: `#N/A` where a file
    can say so (Salesforce), null where a blank is an operation of its own (HubSpot). `marker` is a text that the file reads
    as something else: operations that have it as data are marked `literal`.
    """
    changes = batch.column("changes")
    parents = pc.list_parent_indices(changes).to_numpy()
    flat = changes.flatten()
    names, values = flat.field(0).dictionary_encode(), flat.field(1)
    codes = names.indices.to_numpy(zero_copy_only=False)
    known = {name: code for code, name in enumerate(names.dictionary.to_pylist())}
    literal = None
    if marker is not None:
        marked = np.zeros(batch.num_rows, dtype=bool)
        marked[parents[pc.fill_null(pc.equal(values, marker), False).to_numpy(zero_copy_only=False)]] = True
        literal = pa.array(marked)
    if blank is not None:
        values = pc.fill_null(values, blank)
    columns = {}
    for field in fields:
        place = np.full(batch.num_rows, -1, dtype=np.int64)
        if field in known:
            positions = np.flatnonzero(codes == known[field])
            place[parents[positions]] = positions
        columns[field] = values.take(pa.array(place, mask=place < 0))
    keys = batch.select([name for name in batch.schema.names if name != "changes"])
    return Slice(keys, columns, literal)
