"""What is collected only where its judge is here; the header says which are not."""

from tests.support.judges import header, ignored

collect_ignore = ignored()


def pytest_report_header() -> list[str]:
    """Judges that are here, and those that are not."""
    return header()
