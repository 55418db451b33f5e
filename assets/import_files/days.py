"""Which files fit into one day of a CRM's allowance: a big history is loaded over several days, in order."""

from assets.import_files import reference
from schemas.imports import Limits, LoadDay, ManifestFile


def load_days(files: list[ManifestFile]) -> list[LoadDay]:
    """Days from 1 for each CRM, each with the orders of its files; a file never waits for a later day's file.

    HubSpot counts import files and rows (P2-91), Salesforce records and batches of 10,000 (P2-B2). Bodies of the batch
    API count as calls, not as imports, and go on the day that their place in the order gives them.
    """
    limits = reference.limits()
    days: list[LoadDay] = []
    for target, allowed in (("hubspot", limits.hubspot), ("salesforce", limits.salesforce)):
        days += _days(target, [f for f in files if f.target == target], allowed)
    return days


def _days(target: str, files: list[ManifestFile], allowed: Limits) -> list[LoadDay]:
    days: list[LoadDay] = []
    orders: list[int] = []
    rows = units = 0
    most = allowed.files_per_day or allowed.batches_per_day or 0
    for file in sorted(files, key=lambda f: f.order):
        more_units = _units(file, allowed)
        if orders and (rows + file.rows > allowed.rows_per_day or units + more_units > most):
            days.append(LoadDay(target=target, day=len(days) + 1, orders=orders, rows=rows))
            orders, rows, units = [], 0, 0
        orders.append(file.order)
        rows += file.rows
        units += more_units
    if orders:
        days.append(LoadDay(target=target, day=len(days) + 1, orders=orders, rows=rows))
    return days


def _units(file: ManifestFile, allowed: Limits) -> int:
    """Import files in HubSpot, batches in Salesforce."""
    if allowed.batch_records:
        return -(-file.rows // allowed.batch_records)
    return 1 if file.via == "import" else 0
