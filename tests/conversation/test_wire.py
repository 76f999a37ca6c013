"""The wire to Rasa: once and only once, nothing kept of what could not be done, over restarts of either server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from community.services import tickets
from tests.conversation.servers import Assistant, City
from tests.conversation.talk import Talk

Someone = Callable[..., Talk]


def test_requests_that_make_no_sense_are_refused_with_a_reason(assistant: Assistant) -> None:
    for body in (
        b"not json",
        b"[]",
        {},
        {"sender": "a", "message": "x"},
        {"sender": "", "message": "x", "message_id": "1"},
        {"sender": "a", "message": 7, "message_id": "1"},
        {"sender": "a", "message": "x" * 5000, "message_id": "1"},
        {"sender": "a", "message": "x", "message_id": "1", "metadata": []},
    ):
        status, answer = assistant.post(body)
        assert status == 400, body
        assert set(answer) == {"error", "message"}


def test_a_resident_nobody_knows_is_told_to_come_in_again(assistant: Assistant) -> None:
    status, answer = assistant.post({"sender": "nobody", "message": "你们几点上班", "message_id": "in-1"})
    assert status == 200
    assert "重新进入" in answer["replies"][0]["text"]


def test_the_same_message_again_gets_the_same_replies_without_a_second_turn(someone: Someone) -> None:
    talk = someone()
    first = talk.send("楼道灯坏了", message_id="in-same")
    buttons = talk.buttons
    assert talk.send("楼道灯坏了", message_id="in-same") == first
    assert talk.buttons == buttons
    assert "什么时候" in talk.say("我家")


def test_two_deliveries_at_once_are_one_turn(someone: Someone, city: City) -> None:
    talk = someone()
    talk.say("剡溪花园3幢1单元楼道灯坏了三天")
    talk.say("1")
    answers: list[str] = []
    talk.last_id = "in-race"

    def deliver() -> None:
        answers.append(talk.post("提交")[1]["replies"][0]["text"])

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert len(city.ask(lambda c: tickets.mine(c, talk.resident.id))) == 1


def test_without_the_action_server_nothing_is_kept_and_the_turn_works_when_it_is_back(
    someone: Someone, assistant: Assistant, city: City
) -> None:
    talk = someone()
    talk.say("剡溪花园3幢1单元楼道灯坏了三天")
    talk.say("1")
    talk.last_id = "in-outage"
    assistant.actions.stop(hard=True)
    try:
        status, answer = talk.post("提交")
        assert (status, answer) == (503, {"error": "actions_unavailable"})
        began = time.monotonic()
        assert talk.post("提交")[0] == 503
        assert time.monotonic() - began < 5, "the lock of the first try was not given back"
    finally:
        assistant.actions.start()
        assistant.actions.wait()
    assert "工单号" in talk.send("提交", message_id="in-outage")
    assert len(city.ask(lambda c: tickets.mine(c, talk.resident.id))) == 1


def test_a_killed_rasa_remembers_the_form_and_the_last_answer(someone: Someone, assistant: Assistant) -> None:
    talk = someone()
    first = talk.send("楼道灯坏了", message_id="in-before")
    assistant.rasa.stop(hard=True)
    assistant.rasa.start()
    assistant.rasa.wait()
    assert talk.send("楼道灯坏了", message_id="in-before") == first
    assert "什么时候" in talk.say("我家")


def test_two_residents_at_once_do_not_mix(someone: Someone) -> None:
    talks = [someone() for _ in range(4)]
    words = ["楼道灯坏了", "电梯坏了", "垃圾没人清理", "单元门坏了"]
    said: dict[int, str] = {}

    def talk(n: int) -> None:
        talks[n].say(words[n])
        talks[n].say("我家")
        talks[n].say("今天刚发生")
        said[n] = talks[n].say("跳过")

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n, text in said.items():
        assert f"内容：{words[n]}" in text


def test_a_turn_stays_as_fast_in_a_long_conversation(someone: Someone) -> None:
    """200 turns: the last fifty may cost little more than the first fifty."""
    talk = someone()
    took: list[float] = []
    for n in range(200):
        began = time.perf_counter()
        talk.say("你们几点上班" if n % 2 else "谢谢")
        took.append(time.perf_counter() - began)
    early, late = sorted(took[10:60])[25], sorted(took[150:])[25]
    assert late < early * 1.8 + 0.005, (early, late)
