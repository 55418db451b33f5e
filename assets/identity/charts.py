"""Small pictures for asset metadata: bar charts as SVG inside Markdown. Counts only, never values."""

import base64
from collections.abc import Mapping
from xml.sax.saxutils import escape

_WIDTH, _BAR, _GAP, _LEFT = 520, 18, 4, 150


def bars(counts: Mapping[str, int], title: str) -> str:
    """Markdown with a picture of counts, one horizontal bar each, in the order given."""
    top = max(counts.values(), default=0) or 1
    rows = [
        f'<text x="{_LEFT - 6}" y="{y + 13}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{_LEFT}" y="{y}" width="{max(1, round((_WIDTH - _LEFT - 70) * count / top))}" height="{_BAR}" fill="#4f6bed"/>'
        f'<text x="{_LEFT + max(1, round((_WIDTH - _LEFT - 70) * count / top)) + 5}" y="{y + 13}">{count:,}</text>'
        for y, (label, count) in ((28 + i * (_BAR + _GAP), item) for i, item in enumerate(counts.items()))
    ]
    height = 34 + len(rows) * (_BAR + _GAP)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="white"/><text x="6" y="16" font-weight="bold">{escape(title)}</text>'
        f"{''.join(rows)}</svg>"
    )
    return f"![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"


def is_picture(value: object) -> bool:
    """Whether a metadata value is one of these pictures."""
    return isinstance(value, str) and value.startswith("![")
