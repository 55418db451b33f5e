"""How it runs: definitions, jobs, schedules, resources, settings, the command line. Defines nothing that has rows."""
