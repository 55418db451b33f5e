"""What `crosswalk check --live` finds: one line each, good or bad, and what a first full extraction would take."""

from collections.abc import Callable
from dataclasses import dataclass

from assets.shared.failures import CrosswalkError, InputRefused
from assets.shared.words import counted


@dataclass(frozen=True)
class Finding:
    """One thing that was tried. `ok`: None for what is only said. `exit_status`: of the command, where it is not ok."""

    ok: bool | None
    text: str
    exit_status: int = CrosswalkError.exit_status


def stopped(error: CrosswalkError) -> list[Finding]:
    """What kept a CRM from being tried further: credentials that are not there or not accepted, a quota."""
    problems = error.problems if isinstance(error, InputRefused) else [str(error)]
    return [Finding(False, problem, error.exit_status) for problem in problems]


@dataclass(frozen=True)
class CallPlan:
    """Calls of a first full extraction by kind, how many a second the CRM allows, how many a run may make."""

    calls: dict[str, int]
    per_second: float
    left_today: int | None
    budget: int | None

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.calls.values())

    def said(self, crm: str, say: Callable[[str], None] | None) -> list[str]:
        """The plan in words; `say`, where there is one, is given them too."""
        words = [finding.text for finding in self.findings(crm)]
        if say is not None:
            say("\n".join(words))
        return words

    def findings(self, crm: str) -> list[Finding]:
        """The plan in words. Fewer calls left today, or a smaller budget, are no problem: the fetch then takes several runs."""
        minutes = self.total / self.per_second / 60
        parts = ", ".join(f"{what} {number:,}" for what, number in self.calls.items() if number)
        took = f"at least {counted(round(minutes), 'minute')}" if minutes >= 1 else "less than a minute"
        found = [Finding(None, f"{crm}: a first full extraction takes {counted(self.total, 'call')} ({parts}), {took}")]
        if self.left_today is not None:
            later = "; it will stop there, and the same command goes on the next day"
            few = self.total > self.left_today
            text = f"{crm}: left today: {counted(self.left_today, 'call')}" + (later if few else "")
            found.append(Finding(None if few else True, text))
        if self.budget is not None and self.total > self.budget:
            runs = -(-self.total // self.budget)
            budget = f"{counted(self.budget, 'call')} (request_budget)"
            text = f"{crm}: a run may make {budget}, so that it takes {runs:,} runs or more"
            found.append(Finding(None, text))
        return found
