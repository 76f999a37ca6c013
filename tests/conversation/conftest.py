"""One pair of running servers for all conversations; every test talks as a resident of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conversation.servers import Assistant, City, running
from tests.conversation.talk import Talk


@pytest.fixture(scope="session")
def assistant() -> Iterator[Assistant]:
    with tempfile.TemporaryDirectory(prefix="linshe-conversation-") as folder, running(Path(folder)) as up:
        yield up


@pytest.fixture
def city(assistant: Assistant) -> City:
    return assistant.city


@pytest.fixture
def someone(assistant: Assistant) -> Callable[..., Talk]:
    """A newcomer who starts to talk: `someone()` lives in 剡溪花园3幢2单元502, `someone(None)` has no home yet."""

    def arrive(home: str | None = "剡溪花园/3/2/502") -> Talk:
        return Talk(assistant, assistant.city.newcomer(home))

    return arrive


@pytest.fixture
def resident(someone: Callable[..., Talk]) -> Talk:
    return someone()
