"""JSON lines on standard output. They name messages and residents' keys, never names, phones, addresses or words."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

LONGEST_ERROR = 200


def _plain_traceback(info: ExcInfo) -> str:
    """The frames and, of each error, its class and first line.

    Not the usual full text: a database error repeats the values of its statement in the lines below the first, and
    those are people's words and addresses.
    """
    parts = []
    error: BaseException | None = info[1]
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        first_line = (str(error).splitlines() or [""])[0][:LONGEST_ERROR]
        parts.append(f"{frames}{type(error).__module__}.{type(error).__name__}: {first_line}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\ncaused by:\n".join(parts)


def _dict_of_exception(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    info = entry.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[1] is not None:
        entry["traceback"] = _plain_traceback(info)
    return entry


def configure(level: int = logging.INFO) -> None:
    """Once a process. What libraries log through `logging` leaves in the same form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _dict_of_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
