"""What is collected only where its judge is here; the header says which are not. A worker has a core of its own."""

import gc
import os

from tests.support.judges import header, ignored

collect_ignore = ignored()


def pytest_configure() -> None:
    """Keep a worker of xdist on one core: libraries start as many threads as they see cores, and they would only wait."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


def pytest_report_header() -> list[str]:
    """Judges that are here, and those that are not."""
    return header()


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it for garbage again and again costs a tenth of a small night."""
    gc.collect()
    gc.freeze()
