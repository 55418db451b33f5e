"""Findings about a file, kept as numbers: a broken column of a million rows costs a few bytes a row, not a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from schemas.imports import REFUSING, Effect

_CHUNK = 10_000


@dataclass(frozen=True)
class Problem:
    """What is wrong, without the place: the rule, what the CRM does, and a sentence. `order` is the column's place."""

    order: int
    column: str | None
    rule: str
    effect: Effect
    message: str


@dataclass
class Findings:
    """Collects; gives them sorted by line, then column, then rule."""

    _problems: dict[Problem, int] = field(default_factory=dict)
    _lines: list[np.ndarray] = field(default_factory=list)
    _kinds: list[np.ndarray] = field(default_factory=list)

    def add(self, lines: np.ndarray, problem: Problem) -> None:
        """One finding a line."""
        if len(lines):
            kind = self._problems.setdefault(problem, len(self._problems))
            self._lines.append(np.asarray(lines, dtype=np.int64))
            self._kinds.append(np.full(len(lines), kind, dtype=np.int32))

    def one(self, line: int, problem: Problem) -> None:
        """One finding."""
        self.add(np.array([line]), problem)

    @property
    def refuses(self) -> bool:
        """Whether a row or the file would be refused."""
        return any(problem.effect in REFUSING for problem in self._problems)

    def __len__(self) -> int:
        return sum(len(lines) for lines in self._lines)

    def counts(self) -> list[tuple[Problem, int, int]]:
        """Each problem with its number of findings and the first line, most frequent first."""
        if not self._lines:
            return []
        lines, kinds = np.concatenate(self._lines), np.concatenate(self._kinds)
        found = [
            (problem, int((kinds == kind).sum()), int(lines[kinds == kind].min()))
            for problem, kind in self._problems.items()
        ]
        return sorted(found, key=lambda f: (-f[1], f[2], f[0].order, f[0].rule))

    def rows(self) -> Iterator[dict[str, Any]]:
        """`{line, column, rule, effect, message}`, in order."""
        if not self._lines:
            return
        lines, kinds = np.concatenate(self._lines), np.concatenate(self._kinds)
        ordered = sorted(self._problems, key=lambda p: (p.order, p.rule, p.effect, p.message))
        place = np.empty(len(ordered), dtype=np.int32)
        place[[self._problems[problem] for problem in ordered]] = np.arange(len(ordered), dtype=np.int32)
        kinds = place[kinds]
        order = np.lexsort((kinds, lines))
        texts = [{"column": p.column, "rule": p.rule, "effect": str(p.effect), "message": p.message} for p in ordered]
        for start in range(0, len(order), _CHUNK):
            chosen = order[start : start + _CHUNK]
            pairs = zip(lines[chosen].tolist(), kinds[chosen].tolist(), strict=True)
            yield from ({"line": line, **texts[kind]} for line, kind in pairs)
