"""The channel, with an agent whose turns are ours: what is a question, what is answered again, what is kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import TrackerActiveLoop
from rasa.shared.utils.common import class_from_module_path

from bot import channel, models
from bot.engine import TurnAborted
from bot.tracker_store import LinsheTrackerStore

Run = Callable[[Any], Any]
DOMAIN = Domain.from_dict({"intents": ["greet", "report", "photo"], "actions": ["action_x"]})


class Processor:
    """Stands for Rasa's processor: echoes, and saves the turn in the store as Rasa does, at its end."""

    def __init__(self, store: Any) -> None:
        self.domain = DOMAIN
        self.store = store
        self.turns: list[str] = []
        self.failing: BaseException | None = None
        self.pause = 0.0
        self.model_metadata = SimpleNamespace(model_id="model-1")

    async def parse_message(self, message: UserMessage) -> dict[str, Any]:
        chances = {"nlu_fallback": 0.3, "greet": 0.25, "report": 0.2}
        ranking = [{"name": name, "confidence": chance} for name, chance in chances.items()]
        entities = [{"entity": "category", "value": "leak", "confidence_entity": 0.4}, {"entity": "place", "value": "3幢"}]
        return {"text": message.text, "intent": ranking[0], "intent_ranking": ranking, "entities": entities}

    async def handle_message(self, message: UserMessage) -> None:
        tracker = await self.store.retrieve(message.sender_id)
        if tracker is None:
            tracker = await self.store.get_or_create_tracker(message.sender_id, append_action_listen=False)
            tracker.update(SessionStarted(), DOMAIN)
        self.turns.append(message.text)
        tracker.update(UserUttered(message.text, message_id=message.message_id, metadata=message.metadata), DOMAIN)
        await asyncio.sleep(self.pause)
        data = {"buttons": [{"title": "好", "payload": "/greet"}], "custom": None}
        for text, extra in ((f"听到：{message.text}", data), ("还有", {})):
            said = BotUttered(text, extra)
            tracker.update(said, DOMAIN)
            await message.output_channel.send_response(message.sender_id, said.message())
        if self.failing is not None:
            raise self.failing
        tracker.update(ActionExecuted("action_listen"), DOMAIN)
        await self.store.save(tracker)


class FakeAgent(Agent):
    def __init__(self, store: Any) -> None:
        self.tracker_store = FailSafeTrackerStore(store)
        self.lock_store = InMemoryLockStore()
        self.nlg = None  # type: ignore[assignment]
        self.processor = Processor(self.tracker_store)  # type: ignore[assignment]


@pytest.fixture(params=["sqlite", "memory"])
def agent(request: pytest.FixtureRequest, tmp_path: Path) -> FakeAgent:
    if request.param == "memory":
        return FakeAgent(InMemoryTrackerStore(DOMAIN))
    return FakeAgent(LinsheTrackerStore(domain=DOMAIN, host=f"sqlite:///{tmp_path / 'rasa.db'}"))


def body(text: str, message_id: str = "in-1", sender: str = "r1", **metadata: Any) -> bytes:
    asked = {"sender": sender, "message": text, "message_id": message_id, "metadata": metadata}
    return json.dumps(asked).encode()


def test_credentials_name_a_channel_that_can_be_imported() -> None:
    """One that cannot is reported by Rasa as unknown, without the reason."""
    import yaml

    (name,) = yaml.safe_load((Path(__file__).resolve().parents[2] / "credentials.yml").read_text(encoding="utf-8"))
    assert class_from_module_path(name) is channel.LinsheInput
    assert class_from_module_path(name).from_credentials(None).url_prefix() == "linshe"


def test_a_turn_is_answered_in_the_form_of_the_wire(run: Run, agent: FakeAgent) -> None:
    status, answer = run(channel.answer(agent, body("你好")))
    assert status == 200
    assert answer.pop("form", "") == ""  # only our own store knows
    assert answer == {
        "replies": [
            {"text": "听到：你好", "buttons": [{"title": "好", "payload": "/greet"}], "custom": {}},
            {"text": "还有", "buttons": [], "custom": {}},
        ],
        "understood": {
            "intent": "nlu_fallback",
            "confidence": 0.3,
            "ranking": [["greet", 0.25], ["report", 0.2]],
            "category": "leak",
            "category_confidence": 0.4,
            "model": "model-1",
        },
    }


def test_a_button_is_not_told_as_words_that_were_understood(run: Run, agent: FakeAgent) -> None:
    assert "understood" not in run(channel.answer(agent, body("/greet")))[1]


def test_a_model_that_is_published_during_a_turn_answers_the_next_one(run: Run, agent: FakeAgent) -> None:
    other = Processor(agent.tracker_store)
    other.model_metadata = SimpleNamespace(model_id="model-2")
    agent.processor.pause = 0.1

    async def both() -> list[str]:
        turn = asyncio.create_task(channel.answer(agent, body("你好")))
        await asyncio.sleep(0.03)
        models.take(agent, other)
        waiting = await channel.answer(agent, body("再说一句", "in-2"))
        return [(await turn)[1]["understood"]["model"], waiting[1]["understood"]["model"]]

    assert run(both()) == ["model-1", "model-2"]
    assert other.turns == ["再说一句"]


def test_only_a_model_of_our_own_folder_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models/rasa/kept").mkdir(parents=True)
    (tmp_path / "models/rasa/kept/m1.tar.gz").write_bytes(b"")
    (tmp_path / "secret.tar.gz").write_bytes(b"")
    assert models.found("kept/m1.tar.gz").name == "m1.tar.gz"
    for wanted in ("kept/m2.tar.gz", "../../secret.tar.gz", str(tmp_path / "secret.tar.gz"), "kept", None):
        with pytest.raises(ValueError, match="no model"):
            models.found(wanted)


def test_the_same_message_again_is_answered_without_a_second_turn(run: Run, agent: FakeAgent) -> None:
    status, first = run(channel.answer(agent, body("你好")))
    # What it was taken for was told the first time.
    assert run(channel.answer(agent, body("你好"))) == (status, {"replies": first["replies"]})
    assert agent.processor.turns == ["你好"]


def test_another_message_with_the_same_words_is_another_turn(run: Run, agent: FakeAgent) -> None:
    run(channel.answer(agent, body("你好")))
    run(channel.answer(agent, body("你好", "in-2")))
    assert len(agent.processor.turns) == 2
    # Of two residents, each has their own messages.
    run(channel.answer(agent, body("你好", "in-2", sender="r2")))
    assert len(agent.processor.turns) == 3


def test_a_restart_does_not_forget_what_was_handled(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rasa.db'}"
    first = run(channel.answer(FakeAgent(LinsheTrackerStore(domain=DOMAIN, host=url)), body("你好")))
    after = FakeAgent(LinsheTrackerStore(domain=DOMAIN, host=url))
    assert run(channel.answer(after, body("你好")))[1]["replies"] == first[1]["replies"]
    assert after.processor.turns == []


def test_two_deliveries_at_once_are_one_turn(run: Run, agent: FakeAgent) -> None:
    agent.processor.pause = 0.1

    async def both() -> list[Any]:
        return await asyncio.gather(*(channel.answer(agent, body("你好")) for _ in range(3)))

    answers = run(both())
    assert agent.processor.turns == ["你好"]
    assert [status for status, _ in answers] == [200] * 3
    assert answers[0][1]["replies"] == answers[1][1]["replies"] == answers[2][1]["replies"]


@pytest.mark.parametrize(
    ("failure", "status", "error"),
    [
        (TurnAborted("actions_unavailable", "x"), 503, "actions_unavailable"),
        (TurnAborted("tracker_store_unavailable"), 503, "tracker_store_unavailable"),
        (TurnAborted("action_failed", "x"), 500, "action_failed"),
        (ValueError("居民说的话"), 500, "turn_failed"),
    ],
)
def test_a_turn_that_fails_leaves_nothing_and_gives_the_lock_back(
    run: Run, agent: FakeAgent, failure: BaseException, status: int, error: str
) -> None:
    run(channel.answer(agent, body("你好", "in-0")))
    agent.processor.failing = failure
    assert run(channel.answer(agent, body("再来"))) == (status, {"error": error})
    agent.processor.failing = None
    answered, answer = run(channel.answer(agent, body("再来")))
    assert answered == 200
    assert answer["replies"][0]["text"] == "听到：再来"
    tracker = run(agent.tracker_store.retrieve("r1"))
    assert [e.text for e in tracker.events if isinstance(e, UserUttered)] == ["你好", "再来"]


def test_a_turn_that_takes_too_long_is_given_up(run: Run, agent: FakeAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "TURN_TIMEOUT", 0.05)
    agent.processor.pause = 1.0
    assert run(channel.answer(agent, body("你好")))[0] == 503
    agent.processor.pause = 0.0
    assert run(channel.answer(agent, body("你好")))[0] == 200


def test_a_missing_model_is_said(run: Run, agent: FakeAgent) -> None:
    agent.processor = None
    assert run(channel.answer(agent, body("你好"))) == (503, {"error": "no_model"})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[1]",
        b'{"sender":"a"}',
        json.dumps({"sender": "a", "message": "x", "message_id": ""}).encode(),
        json.dumps({"sender": "a" * 200, "message": "x", "message_id": "1"}).encode(),
        json.dumps({"sender": "a", "message": "x" * 4001, "message_id": "1"}).encode(),
        json.dumps({"sender": "a", "message": "x", "message_id": "1", "metadata": {"photos": [1]}}).encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_question_is_refused(run: Run, agent: FakeAgent, raw: bytes) -> None:
    status, answer = run(channel.answer(agent, raw))
    assert status == 400
    assert answer["error"] == "bad_request"
    assert agent.processor.turns == []


@pytest.mark.parametrize(
    ("text", "photos", "read"),
    [
        ("楼道灯坏了", [], "楼道灯坏了"),
        ("/greet", [], "/greet"),
        ('/report{"category":"leak"}', [], '/report{"category":"leak"}'),
        ("/restart", [], "restart"),
        ("/session_start", [], "session_start"),
        ("/back", [], "back"),
        ("/no_such_intent", [], "no_such_intent"),
        ("/greet@0.1{}", [], "greet@0.1{}"),
        ("//", [], "/nlu_fallback"),
        ("", [], "/nlu_fallback"),
        ("", ["abc"], "/photo"),
        ("\u0000\u0007", [], "/nlu_fallback"),
        ("楼道\u0000灯\u0007坏了", [], "楼道灯坏了"),
    ],
)
def test_only_payloads_of_known_intents_keep_their_slash(text: str, photos: list[str], read: str) -> None:
    question = channel.read_question(
        {"sender": "a", "message": text, "message_id": "1", "metadata": {"photos": photos}}
    )
    assert channel.text_for_rasa(question, [*DOMAIN.intents]) == read


def test_the_metadata_an_action_sees_always_names_the_message() -> None:
    question = channel.read_question({"sender": "a", "message": "x", "message_id": "in-9", "metadata": None})
    assert question.metadata == {"message_id": "in-9", "photos": []}


def test_a_store_in_memory_is_refused_where_one_on_disk_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = FakeAgent(InMemoryTrackerStore(DOMAIN))
    monkeypatch.delenv("LINSHE_TRACKER_URL", raising=False)
    channel.check_store(agent)
    monkeypatch.setenv("LINSHE_TRACKER_URL", "sqlite:///x.db")
    with pytest.raises(RuntimeError, match="InMemoryTrackerStore"):
        channel.check_store(agent)


def test_the_events_of_a_turn_are_read_back_to_the_same_replies() -> None:
    said: dict[str, Any] = {"buttons": [{"title": "好", "payload": "/greet"}], "custom": {"photos": ["a"]}}
    events = [UserUttered("x", message_id="in-1"), BotUttered("一", said), ActionExecuted("action_listen")]
    assert channel.replies_in(events, "in-1") == [channel.reply_of_stored(events[1].as_dict())]
    assert channel.replies_in(events, "in-0") is None
    assert channel.replies_in([], "in-1") is None


def test_the_lock_is_free_after_a_turn(run: Run, agent: FakeAgent) -> None:
    async def work() -> None:
        with contextlib.suppress(Exception):
            await channel.answer(agent, body("你好"))
        assert agent.lock_store.get_lock("r1") is None

    run(work())


def test_the_form_that_is_open_after_a_turn_is_told_for_buttons_too_and_not_for_a_turn_that_was_done_before(
    run: Run, agent: FakeAgent
) -> None:
    if not isinstance(channel.primary_store(agent), LinsheTrackerStore):
        pytest.skip("a store in memory knows of no form")
    processor = agent.processor
    stock = processor.store.save

    async def with_form(tracker: Any) -> None:
        tracker.active_loop = TrackerActiveLoop("report_form", False, False, None)
        await stock(tracker)

    processor.store.save = with_form  # type: ignore[union-attr]
    assert run(channel.answer(agent, body("/greet", "in-1")))[1]["form"] == "report_form"
    assert "form" not in run(channel.answer(agent, body("/greet", "in-1")))[1]
    processor.store.save = stock  # type: ignore[union-attr]
    assert run(channel.answer(agent, body("你好", "in-2", "r2")))[1]["form"] == ""
    assert channel.primary_store(agent).open_forms == {}
