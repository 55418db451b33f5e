"""Each identifier once in a file: runs of operations with one identifier become one operation, later values win.

Rows come sorted by package, identifier, since and sequence, so a run is adjacent; the last run of a batch waits for the
next batch. A list of changes is merged by moving offsets: nothing is copied, and later values stand behind earlier ones.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def unique(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches with one row an identifier.

    Rows without an identifier are all kept.
    """
    waiting: pa.RecordBatch | None = None
    for batch in batches:
        current = batch if waiting is None else pa.concat_batches([waiting, batch])
        if current.num_rows == 0:
            continue
        starts = _starts(current)
        if len(starts) > 1:
            yield _merged(current.slice(0, int(starts[-1])), starts[:-1])
        waiting = current.slice(int(starts[-1]))
    if waiting is not None:
        yield _merged(waiting, np.array([0], dtype=np.int64))


def _starts(batch: pa.RecordBatch) -> np.ndarray:
    """Rows at which another identifier or another package begins."""
    rank, identifier = batch.column("rank"), batch.column("identifier")
    same = pc.fill_null(pc.equal(identifier.slice(1), identifier.slice(0, batch.num_rows - 1)), False)
    same = pc.and_(same, pc.equal(rank.slice(1), rank.slice(0, batch.num_rows - 1)))
    return np.concatenate([[0], np.flatnonzero(~same.to_numpy(zero_copy_only=False)) + 1])


def _merged(batch: pa.RecordBatch, starts: np.ndarray) -> pa.RecordBatch:
    if len(starts) == batch.num_rows:
        return batch
    changes = batch.column("changes")
    lengths = pc.fill_null(pc.list_value_length(changes), 0).to_numpy()
    ends = np.concatenate([[0], np.cumsum(lengths)])
    offsets = np.append(ends[starts], ends[-1]).astype(np.int32)
    first = batch.take(pa.array(starts))
    lists = pa.ListArray.from_arrays(pa.array(offsets), changes.flatten()).cast(changes.type)
    place = batch.schema.get_field_index("changes")
    return first.set_column(place, "changes", lists)
