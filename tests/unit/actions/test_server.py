"""The action server: what comes out of it when something goes wrong."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.server import ActionAway, ActionFailed, LinsheExecutor, passes_by_itself
from community.errors import Unavailable
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[3]
SECRET = "我家住剡溪花园3幢，电话13800001234"


class Raises:
    """An action that raises what it is told to."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def __call__(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
        raise self.error


def call(name: str = "action_test") -> dict[str, Any]:
    state = {"sender_id": "r1", "slots": {}, "latest_message": {"text": SECRET}, "events": [], "active_loop": {}}
    return {"next_action": name, "tracker": state, "version": "3.6.21"}


def executor(error: BaseException) -> LinsheExecutor:
    made = LinsheExecutor()
    made.actions["action_test"] = Raises(error)  # type: ignore[assignment]
    return made


class OperationalError(Exception):
    """Named like a database's."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError(SECRET), ActionFailed),
        (KeyError(SECRET), ActionFailed),
        (Unavailable(SECRET), ActionAway),
        (OperationalError(SECRET), ActionAway),
        (ConnectionRefusedError(SECRET), ActionAway),
    ],
)
async def test_an_unexpected_error_loses_its_words_and_keeps_its_kind(
    error: Exception, kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ActionFailed) as raised:
        await executor(error).run(call())
    assert type(raised.value) is kind
    assert SECRET not in str(raised.value) + caplog.text
    assert raised.value.__cause__ is None
    assert type(error).__name__ in caplog.text
    assert "test_server.py" in caplog.text


async def test_a_rejection_passes_as_it_is() -> None:
    with pytest.raises(ActionExecutionRejection):
        await executor(ActionExecutionRejection("action_test")).run(call())


async def test_a_call_without_the_domain_is_served() -> None:
    """Rasa 3.6 with enable_selective_domain sends none; the SDK would answer 449."""
    made = LinsheExecutor()

    async def says(dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        assert domain == {}
        dispatcher.utter_message(text="好")
        return []

    made.actions["action_test"] = says  # type: ignore[assignment]
    result = await made.run(call())
    assert result is not None
    assert result.responses[0]["text"] == "好"


def test_what_passes_by_itself() -> None:
    assert passes_by_itself(TimeoutError())
    assert not passes_by_itself(ValueError())


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Path]]:
    """The running server's address and its log."""
    port = free_port()
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, str(Path(__file__).with_name("failing_server.py")), str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            for _ in range(150):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/webhook", Path(log.name)
        finally:
            process.terminate()
            process.wait(10)


def post(url: str, body: bytes) -> tuple[int, str]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


@pytest.mark.parametrize(("name", "status"), [("action_bug", 500), ("action_outage", 503)])
def test_the_page_of_an_error_and_the_log_hold_nothing_of_the_request(
    served: tuple[str, Path], name: str, status: int
) -> None:
    url, log = served
    answered, text = post(url, json.dumps(call(name)).encode())
    assert answered == status
    assert set(json.loads(text)) == {"error"}
    assert SECRET not in text + log.read_text(errors="replace")


def test_an_action_that_works_is_answered(served: tuple[str, Path]) -> None:
    status, text = post(served[0], json.dumps(call("action_hello")).encode())
    assert status == 200
    assert json.loads(text)["responses"][0]["text"] == "好"


def test_an_unknown_action_is_404_and_says_which(served: tuple[str, Path]) -> None:
    status, text = post(served[0], json.dumps(call("action_no_such")).encode())
    assert status == 404
    assert "action_no_such" in text


def test_a_broken_body_is_answered_without_a_traceback(served: tuple[str, Path]) -> None:
    status, text = post(served[0], b"{")
    assert status >= 400
    assert "Traceback" not in text


def test_the_warning_of_two_versions_is_silenced_and_nothing_else_is_said(served: tuple[str, Path]) -> None:
    post(served[0], json.dumps(call("action_hello")).encode())
    assert "might not be compatible" not in served[1].read_text(errors="replace")
