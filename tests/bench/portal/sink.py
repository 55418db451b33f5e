"""Writing a night's files, slice by slice, the same bytes every time."""

import gzip
import io
import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import polars as pl

from tests.bench.portal import catalogue
from tests.bench.portal.forms import Form, dressed, form_of

_KINDS = {"hubspot/contacts": "contact", "hubspot/companies": "company", "hubspot/deals": "deal"}


class Sink:
    """The folder of one night. Files are opened at their first rows and closed with the sink."""

    def __init__(self, folder: Path, night: int, varied: bool) -> None:
        self.folder = folder
        self.rows: dict[str, int] = {}
        self._night = night
        self._varied = varied
        self._open: dict[str, tuple[IO[bytes], list[IO[bytes]]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, streams in self._open.values():
            for stream in streams:
                stream.close()

    def write(self, name: str, rows: pl.DataFrame) -> None:
        """Append rows to a file such as `hubspot/contacts`; instants are epoch milliseconds until here."""
        form = form_of(name, self._night, self._varied)
        first = name not in self._open
        stream = self._stream(name, form)
        kind = _KINDS.get(name)
        instants = [column for column in _instants(name, kind) if column in rows.columns]
        self.rows[name] = self.rows.get(name, 0) + rows.height
        if form.kind == "jsonl":
            stream.write(_api_objects(dressed(rows, form, instants, None), kind))
            return
        target = io.BytesIO() if form.gzip else stream  # polars flushes, which would show in the archive
        dressed(rows, form, instants, kind).write_csv(
            target,
            include_header=first,
            include_bom=form.bom and first,
            line_terminator="\r\n" if form.crlf else "\n",
            quote_style=form.quote,
        )
        if isinstance(target, io.BytesIO):
            stream.write(target.getbuffer())

    def document(self, name: str, records: list[Any] | dict[str, Any], wrap: str | None = None) -> None:
        """Write one JSON file: a bare array with a record a line, or the API's answer around it."""
        if isinstance(records, dict):
            text = json.dumps(records, ensure_ascii=False, separators=(",", ":"))
        else:
            lines = ",\n".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records)
            text = f'{{"{wrap}":[\n{lines}\n]}}' if wrap else f"[\n{lines}\n]"
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8", newline="")

    def _stream(self, name: str, form: Form) -> IO[bytes]:
        if name not in self._open:
            path = self.folder / f"{name}.{form.kind}{'.gz' if form.gzip else ''}"
            path.parent.mkdir(parents=True, exist_ok=True)
            raw: IO[bytes] = path.open("wb")
            streams = [raw]
            if form.gzip:  # neither the time nor the name of the file goes into the archive
                streams.insert(0, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0))  # type: ignore[arg-type]
            self._open[name] = (streams[0], streams)
        return self._open[name][0]


def _instants(name: str, kind: str | None) -> tuple[str, ...]:
    if kind:
        return catalogue.datetimes("hubspot", kind)
    if name == "hubspot/list_memberships":
        return ("membershipTimestamp",)
    return catalogue.datetimes("salesforce", name.partition("/")[2])


def _api_objects(rows: pl.DataFrame, kind: str | None) -> bytes:
    """One API object a line: id, properties (all text), createdAt, updatedAt, archived."""
    modified = "hs_lastmodifieddate" if kind != "contact" else "lastmodifieddate"
    objects = rows.select(
        pl.col("hs_object_id").alias("id"),
        pl.struct(pl.all()).alias("properties"),
        pl.col("createdate").alias("createdAt"),
        pl.col(modified).alias("updatedAt"),
        pl.lit(False).alias("archived"),
    )
    text = io.BytesIO()
    objects.write_ndjson(text)
    return text.getvalue()
