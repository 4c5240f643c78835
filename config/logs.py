"""The log: one JSON line for what happened, with the request's id, without what tells of a person (D37)."""

import re

import structlog
from structlog.typing import EventDict, WrappedLogger

TRACES = ("user_agent", "ip")
TALKATIVE = ("PIL", "django.db.backends", "django.template")  # their DEBUG repeats what they read: EXIF, rows, values
# a link that sets a password, and one that brings a report to who has no account
SECRET_IN_PATH = re.compile(r"(/akun/kata-sandi/baru/|/laporan/unduh/)[^/ ]+")


def without_traces(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Leave out who asked and what they typed into an address; a link that opens an account loses its key."""
    for trace in TRACES:
        event.pop(trace, None)
    if "request" in event:
        event["request"] = SECRET_IN_PATH.sub(r"\1…", event["request"].partition("?")[0])
    if isinstance(event.get("event"), str):  # Django says "Not Found: /…"
        event["event"] = SECRET_IN_PATH.sub(r"\1…", event["event"])
    return event


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_traces,
]


def configure(level: str) -> dict:
    """Lead structlog into Python's logging, and return Django's LOGGING for everything from a level on."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    line = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()]
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": SHARED, "processors": line}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {name: {"level": "INFO" if level == "DEBUG" else level} for name in TALKATIVE},
    }
