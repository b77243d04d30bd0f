"""A logger that tells the process that started a run, one JSON line per event, how far it is."""

from __future__ import annotations

import json
import logging
import os

import dagster as dg


class _ProgressHandler(logging.Handler):
    """Writes the beginning and the end of every step to a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None or event.event_type_value not in (
            "STEP_START",
            "STEP_SUCCESS",
            "STEP_FAILURE",
            "STEP_SKIPPED",
        ):
            return
        report(self._descriptor, event=event.event_type_value.lower(), step=event.step_key)


def report(descriptor: int, **fields: object) -> None:
    """Write one line of progress; a reader that has gone is no reason to stop a run."""
    try:
        os.write(descriptor, (json.dumps(fields) + "\n").encode())
    except OSError:
        logging.getLogger(__name__).debug("nobody reads the progress")


@dg.logger(config_schema={"descriptor": int}, description="Progress of a run for the command line.")
def progress_logger(context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("samtykke.progress", level=logging.DEBUG)
    logger.addHandler(_ProgressHandler(context.logger_config["descriptor"]))
    return logger
