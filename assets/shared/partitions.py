"""The one partitions definition and the one backfill policy of every asset."""

import dagster as dg

SINGLE_RUN = dg.BackfillPolicy.single_run()  # on every asset: a job takes the smallest policy among its assets


def nightly(timezone: str, start: str, ahead: int = 0) -> dg.DailyPartitionsDefinition:
    """One partition a night, `ahead` of them after the last that is over.

    The time zone stands here, so that schedules and windows agree.
    """
    return dg.DailyPartitionsDefinition(start_date=start, timezone=timezone, fmt="%Y-%m-%d", end_offset=ahead)
