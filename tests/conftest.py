"""What is collected only where its judge is here; the header says which are not."""

import gc

from tests.support.judges import header, ignored

collect_ignore = ignored()


def pytest_report_header() -> list[str]:
    """Judges that are here, and those that are not."""
    return header()


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it for garbage again and again costs a tenth of a small night."""
    gc.collect()
    gc.freeze()
