"""How a run ends when it does not end well: one exception per exit status of the command line (design section 8)."""


class CrosswalkError(Exception):
    """Failed: a blocking check, an id that is not known. One line that says what and where. Exit status 1."""

    exit_status = 1


class InputRefused(CrosswalkError):
    """Configuration or input refused before anything was written. Carries every problem at once. Exit status 2."""

    exit_status = 2

    def __init__(self, problems: str | list[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class GuardStopped(CrosswalkError):
    """A guard of sync.yaml kept the files from being written; decisions and deltas are there. Exit status 3."""

    exit_status = 3


class QuotaReached(CrosswalkError):
    """An API quota is used up; what was fetched is kept and the same command goes on. Exit status 4."""

    exit_status = 4
