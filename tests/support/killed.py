"""Commands in a process of their own that is killed (SIGKILL) at a named point, or that only counts how often it passes each.

The process is forked from one that has imported everything, so that a command costs what it does and not what it loads.
Points are places where something half done could be left: nothing in the product knows of them.
"""

import json
import multiprocessing
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import deltalake

import pipelines.cli
from assets.segments import assets as _segments
from assets.shared import keys, lake, lake_file, resource, unfinished, upkeep
from pipelines import definitions, runner
from pipelines.cli.core import run
from tests.support.room import Finish, nothing

# What the commands import on their way: loaded once, by the server that every command is forked from.
LOADED = (pipelines.cli, _segments, definitions, runner)
TIME_LIMIT = 300
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Ran:
    """How a command ended, what it printed, and how often it passed each point."""

    status: int
    out: str
    err: str
    passed: dict[str, int]


def crosswalk(
    folder: Path,
    *arguments: str,
    kill: tuple[str, int] | None = None,
    prepare: Callable[[], Finish] | None = None,
    environment: dict[str, str] | None = None,
) -> Ran:
    """Run a command. `folder` is for what it prints; `kill` names a point and the how-manieth time it is passed.

    `prepare` runs in the process before the command (`tests.support.room`), what it returns after it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_main, args=(folder, list(arguments), kill, prepare, environment or {}))
    process.start()
    process.join(TIME_LIMIT)
    assert process.exitcode is not None, f"{arguments} hangs"
    passed = folder / "passed.json"
    return Ran(
        process.exitcode,
        (folder / "out").read_text(),
        (folder / "err").read_text(),
        json.loads(passed.read_text()) if passed.exists() else {},
    )


def _main(
    folder: Path,
    arguments: list[str],
    kill: tuple[str, int] | None,
    prepare: Callable[[], Finish] | None,
    environment: dict[str, str],
) -> None:
    os.environ.update(environment)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    (folder / "passed.json").unlink(missing_ok=True)
    watch = _Watch(kill)
    _install(watch)
    finish = prepare() if prepare else nothing
    status = run(arguments)
    finish()
    watch.kill = None
    (folder / "passed.json").write_text(json.dumps(watch.passed))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


class _Watch:
    def __init__(self, kill: tuple[str, int] | None) -> None:
        self.kill = kill
        self.passed: Counter[str] = Counter()

    def passes(self, point: str) -> None:
        """The process is at a point; it may be its last."""
        self.passed[point] += 1
        if self.kill == (point, self.passed[point]):
            os.kill(os.getpid(), signal.SIGKILL)


def _install(watch: _Watch) -> None:
    _around(resource.Crosswalk, "span", lambda *_: watch.passes("a step begins"))
    _around(
        lake.Lake,
        "write",
        lambda _, key, *__: _written(watch, key, "before"),
        lambda _, key, *__: _written(watch, key, "after"),
    )
    _around(lake.Lake, "drop", None, lambda *_: watch.passes("a night was taken out"))
    _around(deltalake.DeltaTable, "restore", lambda *_: watch.passes("a table is put back"))
    _around(deltalake.DeltaTable, "vacuum", lambda *_: watch.passes("old versions are removed"))
    _around(upkeep, "expire", lambda *_: watch.passes("nights past retention are dropped"))
    _around(upkeep, "_view", lambda *_: watch.passes("a view is made"))
    _around(unfinished, "_sweep", lambda *_: watch.passes("leftovers are removed"))
    for commit in ("create", "replace", "add"):
        _around(lake_file, commit, lambda *_: watch.passes("rows are not yet committed"))
    grouped = lake_file._grouped

    def halves(*given: Any) -> Iterator[Any]:
        for group in grouped(*given):
            yield group
            watch.passes("rows are half written")

    lake_file._grouped = halves
    sys.addaudithook(lambda event, arguments: _seen(watch, event, arguments))


def _written(watch: _Watch, key: str, when: str) -> None:
    watch.passes(f"{when} a table is written")
    if key in (keys.LEDGER, keys.LEDGER_FIELD):
        watch.passes(f"{when} the {key.rsplit('/')[-1]} is written")


def _seen(watch: _Watch, event: str, arguments: tuple[Any, ...]) -> None:
    """What the interpreter tells before it opens, renames or removes a file."""
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, str) and "/lake/files/" in path and isinstance(flags, int) and flags & os.O_CREAT:
            watch.passes("an import file is begun")
    elif event == "os.rename":
        target = str(arguments[1])
        if "/lake/" in target:
            watch.passes(next((name for part, name in _RENAMES if part in target), "a file takes its place"))
    elif event == "shutil.rmtree" and "/lake/" in str(arguments[0]) and "/.spill/" not in str(arguments[0]):
        watch.passes("a folder is removed")
    elif event == "os.remove" and str(arguments[0]).endswith(f"/{unfinished.NOTE}"):
        watch.passes("the run is at its end")


_RENAMES = (
    ("/.anew/", "a table goes aside for an erasure"),
    ("/files/", "a folder of files takes its place"),
    ("analyst.duckdb", "the views take their place"),
)


def _around(
    owner: Any, name: str, before: Callable[..., None] | None, after: Callable[..., None] | None = None
) -> None:
    inner = getattr(owner, name)

    @wraps(inner)
    def outer(*arguments: Any, **options: Any) -> Any:
        if before is not None:
            before(*arguments)
        result = inner(*arguments, **options)
        if after is not None:
            after(*arguments)
        return result

    setattr(owner, name, outer)
