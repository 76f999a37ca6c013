"""A gateway that only keeps and tells, and workers beside it: what either of them being killed costs a resident."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.unit.gateway.door import Visitor, city_file, city_url, rasa, rasa_server  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa
from tests.unit.gateway.process import Process, processes  # noqa: F401


async def resident_at(process: Process) -> Visitor:
    resident = Visitor(process.url)
    await resident.log_in("R0001")
    return resident


async def test_the_page_shows_that_somebody_answers_and_then_the_answer_though_another_process_gives_it(
    city_url: str,  # noqa: F811
    valkey: str,
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
    processes: list[Process],  # noqa: F811
) -> None:
    rasa.delay = 0.3
    async with rasa_server(rasa) as rasa_url:
        door = Process(city_url, rasa_url, tmp_path, workers=1, redis_url=valkey)
        worker = Process(city_url, rasa_url, tmp_path, arguments=("work",), redis_url=valkey)
        processes += [door, worker]
        await door.ready(hearing=True)
        await worker.ready(hearing=True)
        resident = await resident_at(door)
        async with resident.socket() as page:
            await resident.say("灯坏了")
            events = [await page.receive_json()]
            while events[-1]["type"] != "handled":
                events.append(await page.receive_json())
        await resident.close()
        kinds = [event["type"] for event in events]
        assert "typing" in kinds
        assert kinds.index("typing") < len(kinds) - 2, "the dots came no sooner than the answer"
        assert [e["message"]["text"] for e in events if e["type"] == "message"] == ["灯坏了", "收到：灯坏了"]
        worker.child.send_signal(signal.SIGTERM)
        assert await worker.ended(8) == 0
    assert not [line for line in (*door.lines, *worker.lines) if line["level"] == "error"]


async def test_a_killed_worker_is_not_noticed_but_for_the_time_and_the_next_one_does_nothing_twice(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
    processes: list[Process],  # noqa: F811
) -> None:
    """Without signals: the worker finds what there is by looking."""
    rasa.delay = 1.0
    async with rasa_server(rasa) as rasa_url:
        door = Process(city_url, rasa_url, tmp_path, workers=2)
        first = Process(city_url, rasa_url, tmp_path, arguments=("work", "1"))
        processes += [door, first]
        await door.ready()
        await first.ready()
        resident = await resident_at(door)
        await resident.say("一", "page-0")
        while not rasa.busy:
            await resident.texts()
        first.child.send_signal(signal.SIGKILL)
        await first.ended()
        # The door takes in what is said meanwhile.
        assert (await resident.say("二", "page-1"))[0] == 202
        second = Process(city_url, rasa_url, tmp_path, arguments=("work", "1"))
        processes.append(second)
        await second.ready()
        await resident.until_told("收到：二")
        told = await resident.texts()
        await resident.close()
    assert [text for text in told if "收到：" in text] == ["收到：一", "收到：二"]
    assert list(dict.fromkeys(rasa.messages)) == ["一", "二"]


async def test_words_that_mean_nothing_to_the_gateways_command_are_an_error(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    processes: list[Process],  # noqa: F811
) -> None:
    process = Process(city_url, "http://127.0.0.1:9", tmp_path, arguments=("wrok",))
    processes.append(process)
    assert await process.ended() == 2
    assert "python -m gateway [work [N]]" in process.log.read_text()
