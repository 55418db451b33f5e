"""What of the plan is in no file, and why: counted for the manifest, listed by record id for whoever asks."""

import json
from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from assets.import_files.packages import Package
from assets.import_files.pivot import Slice
from schemas import reasons
from schemas.imports import HeldBack

_SCHEMA = pa.schema([(name, pa.string()) for name in ("record_id", "link")])


@dataclass
class Held:
    """Collects over all packages of a night. Lists hold ids only, never values."""

    counts: Counter[tuple[str, str, str, str, str | None, str]] = field(default_factory=Counter)
    listed: list[tuple[Package, str, str | None, str, pa.Table]] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)

    def package(self, package: Package, code: str) -> None:
        """A whole package stays out."""
        self._count(package, code, None, "operation", package.operations)
        self.packages.append(package)

    def column(self, package: Package, code: str, name: str) -> None:
        """A field stays out of every operation that has it."""
        self._count(package, code, name, "value", package.fields[name])

    def count(self, package: Package, code: str, rows: int) -> None:
        """So many operations stay out, without a list of them."""
        if rows:
            self._count(package, code, None, "operation", rows)

    def values(self, package: Package, code: str, name: str, rows: Slice, mask: pa.Array) -> None:
        """A field stays out of the marked operations."""
        self._list(package, code, name, "value", rows, mask)

    def operations(self, package: Package, code: str, name: str | None, rows: Slice, mask: pa.Array) -> None:
        """The marked operations stay out."""
        self._list(package, code, name, "operation", rows, mask)

    def summary(self) -> list[HeldBack]:
        """Counts by cause, in a fixed order."""
        ordered = sorted(self.counts.items(), key=lambda item: tuple(str(part) for part in item[0]))
        return [
            HeldBack(target=t, object=o, operation=op, code=c, field=f, effect=e, rows=n)  # type: ignore[arg-type]
            for (t, o, op, c, f, e), n in ordered
        ]

    def left_out(self) -> tuple[pa.Table, pa.Table]:
        """Listed operations (target, object, operation, record_id, link) and whole packages that are in no file."""
        names = ("target", "object", "operation")
        tables = [pa.table({n: pa.array([], pa.string()) for n in (*names, "record_id", "link")})]
        for package, _, _, effect, ids in self.listed:
            if effect == "operation":
                fixed = {n: pa.array([getattr(package, n)] * ids.num_rows, pa.string()) for n in names}
                tables.append(pa.table({**fixed, "record_id": ids["record_id"], "link": ids["link"]}))
        whole = sorted({(p.target, p.object, p.operation) for p in self.packages})
        columns = {n: pa.array([key[i] for key in whole], pa.string()) for i, n in enumerate(names)}
        return pa.concat_tables(tables), pa.table(columns)

    def lines(self) -> bytes:
        """`held-back.jsonl`: one line an operation or value that is listed."""
        texts: list[str] = []
        for package, code, name, effect, ids in self.listed:
            fixed = {"target": package.target, "object": package.object, "operation": package.operation}
            texts += [
                json.dumps({**fixed, **row, "field": name, "code": code, "effect": effect}, ensure_ascii=False)
                for row in ids.to_pylist()
            ]
        return "".join(f"{text}\n" for text in sorted(texts)).encode()

    def _list(self, package: Package, code: str, name: str | None, effect: str, rows: Slice, mask: pa.Array) -> None:
        found = rows.keys.select(["record_id", "link"]).filter(mask)
        if found.num_rows:
            self._count(package, code, name, effect, found.num_rows)
            self.listed.append((package, code, name, effect, pa.Table.from_batches([found]).cast(_SCHEMA)))

    def _count(self, package: Package, code: str, name: str | None, effect: str, rows: int) -> None:
        known = reasons.code(code).value  # only codes that docs/reasons.md explains
        self.counts[(package.target, package.object, package.operation, known, name, effect)] += rows
