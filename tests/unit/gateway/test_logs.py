"""Logs are JSON, and hold no personal data even when something goes wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


class DatabaseError(Exception):
    """Like a driver's: the values of the statement stand below the first line."""


VALUES = "[parameters: ('李秀英', '13800001234')]"


def fail() -> None:
    raise DatabaseError(f"duplicate key\n{VALUES}")


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    entry: dict[str, str] = json.loads(out)
    return entry


def test_a_failure_is_one_json_line_without_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    try:
        fail()
    except DatabaseError as error:
        structlog.get_logger("gateway.test").error("turn failed", message=7, exc_info=error)
    entry = written(capsys)
    assert entry["event"] == "turn failed"
    assert entry["level"] == "error"
    assert "in fail" in entry["traceback"]
    assert "duplicate key" in entry["traceback"]
    assert "李秀英" not in str(entry)
    assert "13800001234" not in str(entry)


def test_what_libraries_log_has_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    try:
        fail()
    except DatabaseError:
        logging.getLogger("aiohttp.server").exception("Error handling request")
    entry = written(capsys)
    assert entry["event"] == "Error handling request"
    assert entry["logger"] == "aiohttp.server"
    assert "in fail" in entry["traceback"]
    assert "13800001234" not in str(entry)
