"""Progress of a run on the command line, from Dagster's own events."""

import logging
from collections.abc import Callable

import dagster as dg
from dagster._core.events import DagsterEvent, DagsterEventType

Step = Callable[[str, bool], None]  # (name of a step, whether it is finished)


def silent(_name: str, _finished: bool) -> None:
    """Show nothing."""


def console_logger(step: Step) -> dg.LoggerDefinition:
    """A logger that tells which step begins and ends and lets warnings through; nothing else reaches the terminal."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            meta = getattr(record, "dagster_meta", None)
            event = meta.get("dagster_event") if isinstance(meta, dict) else None
            if not isinstance(event, DagsterEvent) or event.step_key is None:
                return
            if event.event_type == DagsterEventType.STEP_START:
                step(event.step_key, False)
            elif event.event_type in (DagsterEventType.STEP_SUCCESS, DagsterEventType.STEP_FAILURE):
                step(event.step_key, True)

    def console(_context: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.getLogger("crosswalk.progress")
        logger.handlers = [Handler()]
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        return logger

    return dg.LoggerDefinition(console, description="Progress of a run on the command line.")
