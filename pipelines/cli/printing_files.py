"""What the commands say about a night's import files: what stayed out, and how many marketing contacts there will be."""

from rich.text import Text

from pipelines.cli.core import out
from pipelines.cli.printing import sentence
from pipelines.cli.tables import Table
from pipelines.report.plans import SYSTEMS
from schemas.imports import HeldBack, Manifest, Tier


def print_files(manifest: Manifest | None, systems: tuple[str, ...] = SYSTEMS) -> None:
    """Print what stayed out of the files of these systems, and for HubSpot the marketing contacts; nothing without files."""
    if manifest is None:
        return
    held_back = [held for held in manifest.held_back if held.target in systems]
    if held_back:
        out.print(held_back_table(held_back))
    for code in manifest.warnings:
        out.print(Text(f"{code}: {sentence(code)}", style="yellow"))
    if manifest.marketing is not None and manifest.marketing.tier is not None and "hubspot" in systems:
        out.print(tier_line(manifest.marketing))


def held_back_table(held_back: list[HeldBack]) -> Table:
    """Operations and values of the plan that are in no file, by cause; `held-back.jsonl` lists the records."""
    table = Table(title="In no import file")
    for name in ("system", "object", "operation", "what", "code"):
        table.add_column(name)
    table.add_column("rows", justify="right")
    table.add_column("why")
    for held in held_back:
        what = held.field or "the whole operation"
        row = (held.target, held.object, held.operation, what, held.code, f"{held.rows:,}", sentence(held.code))
        table.add_row(*row)
    return table


def tier_line(tier: Tier) -> Text:
    """Marketing contacts before and after the files, against the tier."""
    over = f", {tier.exceeded_by:,} too many" if tier.exceeded_by else ""
    parts = f"{tier.created:,} created, {tier.promoted:,} promoted"
    text = f"marketing contacts: {tier.before:,} now, {tier.after:,} after the files ({parts}); the tier has {tier.tier:,}{over}"
    return Text(text, style="yellow" if over else "")
