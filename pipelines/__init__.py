"""How it runs: definitions, jobs, schedules, resources, settings, the command line. Defines nothing that has rows."""

from zoneinfo import reset_tzpath

# The pinned time zones and not the machine's: a night ends at the same instant everywhere, and where DuckDB's ends.
reset_tzpath(to=())
