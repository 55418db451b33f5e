"""`python -m pipelines.docs`: write the references of docs/ from the models that hold. A test says when they are stale."""

import io
import re
import textwrap
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined
from rich.console import Console

from assets.shared.lake import Lake
from pipelines.cli import printing
from pipelines.report import plans
from pipelines.settings import PROJECT
from schemas.config import SyncConfig
from schemas.config_walk import Key, keys
from schemas.reasons import Reason, Severity

DOCS = PROJECT / "docs"
_WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.S)  # a picture in a repository fetches nothing
_SEVERITY = {
    Severity.TRIGGER: "Triggers: why an operation is there",
    Severity.SKIP: "Skips: the record does not sync, and nothing is wrong with it",
    Severity.REJECT: "Rejections: the record is refused as a whole and tried again the next night",
    Severity.WARNING: "Warnings: one value is left out, or something deserves a look",
}


def configuration() -> str:
    """docs/configuration.md."""
    found = list(keys(SyncConfig))
    lines = [
        "# sync.yaml, key by key",
        "",
        "Written by `make docs` from `schemas/config*.py`; change it there. A rule id such as P1-44 names the behaviour of the",
        "HubSpot–Salesforce integration that the key stands for. Unknown keys are refused, and every problem of a file is",
        "reported at once. `crosswalk check` reads the file and the sources of a night and changes nothing.",
        "",
        "Paths are relative to the file. `{night}` in `sources.*.path` is the night's date. Nights are dates; `null` is",
        "written as `null`.",
        "",
    ]
    for key in (k for k in found if "." not in k.path):
        inner = [k for k in found if k.path.startswith((f"{key.path}.", f"{key.path}[]"))]
        lines += [f"## `{key.path}`", "", _sentence(key) + _choices(key), ""]
        if key.block is None:
            lines[-1:] = [f"Default: {_default(key)}.", ""]
        if inner:
            lines += ["| key | default | what it says | rule |", "|---|---|---|---|"]
            lines += [_row(k) for k in inner if k.block is None or k.listed]
            lines.append("")
    return "\n".join(lines)


def reasons() -> str:
    """docs/reasons.md."""
    lines = [
        "# Reasons and warnings",
        "",
        "Written by `make docs` from `schemas/reasons.py`; change it there. A code may be followed by the field it is about:",
        "`required_field_missing: LastName`. `crosswalk decisions --reason CODE` lists the records that have one.",
        "",
    ]
    for severity, title in _SEVERITY.items():
        listed = [reason for reason in Reason if reason.meaning.severity is severity]
        if not listed:
            continue
        lines += [f"## {title}", "", "| code | group | what it means |", "|---|---|---|"]
        lines += [f"| `{reason}` | {reason.meaning.group} | {reason.meaning.sentence} |" for reason in listed]
        lines.append("")
    return "\n".join(lines)


PAGES = {"configuration.md": configuration, "reasons.md": reasons}


def write(folder: Path = DOCS) -> list[Path]:
    """Write every page; returns their paths."""
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
    return [folder / name for name in PAGES]


def _row(key: Key) -> str:
    name = key.path.split(".", 1)[1] if "." in key.path else key.path
    return f"| `{name}` | {_default(key)} | {_sentence(key)}{_choices(key)} | {key.rule or ''} |"


def _sentence(key: Key) -> str:
    text = key.field.description or ""
    return text[:1].upper() + text[1:] + "."


def _default(key: Key) -> str:
    default: Any = key.field.default
    if default is PydanticUndefined:
        return "required"
    if default is None:
        return "`null`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if not isinstance(default, list) or default else "`[]`"


def _choices(key: Key) -> str:
    annotation: Any = key.field.annotation
    found = [a for a in _literals(annotation) if isinstance(a, str)]
    return f" One of {', '.join(f'`{word}`' for word in found)}." if found else ""


def _literals(annotation: Any) -> list[Any]:
    import typing

    if typing.get_origin(annotation) is typing.Literal:
        return list(typing.get_args(annotation))
    return [found for inner in typing.get_args(annotation) for found in _literals(inner)]


def picture(lake: Path, target: Path) -> Path:
    """The plan of the lake's newest night as an SVG: the README's first picture. Counts and codes only."""
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    opened = Lake(lake)
    night = plans.night_of(opened, None)
    found = plans.summary(night, plans.plan(opened, night), plans.decisions(opened, night))
    for part in (
        printing.headline(found),
        printing.operations_table(found),
        printing.fields_table(found, 8),
        printing.reasons_table(found),
    ):
        console.print(part)
    target.parent.mkdir(parents=True, exist_ok=True)
    svg = console.export_svg(title="crosswalk plan", unique_id="plan")
    target.write_text(_WEB_FONT.sub("", svg), encoding="utf-8")
    return target


if __name__ == "__main__":
    written = write()
    sample = PROJECT / "data" / "lake"
    if (sample / "lake.json").exists():
        written.append(picture(sample, DOCS / "images" / "plan.svg"))
    print(textwrap.indent("\n".join(str(path) for path in written), "wrote "))
