"""The bench of the real city sees what was lost and what was doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from community.model.message import InboxStatus, OutboxStatus
from community.store.tables import channel_identities, inbox, outbox, residents
from ops.bench import real
from ops.bench.door import Door, Kills, parser
from ops.bench.real import PLACES, STEPS, Kept, Report, count, faults_in, kept_of
from ops.bench.servers import free_ports
from ops.wechat.customers import Customer
from ops.wechat.ledger import Sent, Shown
from ops.wechat.residents import Resident
from ops.wechat.simulator import Options, Simulator

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def answers_to(report: Report, number: str) -> list[Shown]:
    """As the assistant gives them."""
    texts = (
        "要不要发张照片、留个电话？都可以不填，有就直接发给我。",
        f"请您看一遍，没错我就交上去：\n内容：{report.words}\n地点：{report.place}\n情况：没有说",
        f"报上去了，工单号 {number}（照明）\n地点：{report.place}\n承诺：明天前办好",
    )
    return [Shown(report.user, text, 0.0, "custom") for text in texts]


def filed(user: str, place: str, number: str) -> Report:
    return Report(user, place, Counter(STEPS), number, [1.0, 2.0, 3.0])


ONE, TWO, OTHER = (
    filed("甲", PLACES[0], "100001"), filed("甲", PLACES[1], "100002"), filed("乙", PLACES[0], "100003"),
)  # fmt: skip
ALL = [ONE, TWO, OTHER]
SHOWN = [entry for report in ALL for entry in answers_to(report, report.number)]
TICKETS = [(report.user, report.number, report.words) for report in ALL]


def counted(**changes: Any) -> dict[str, Any]:
    """With a platform that found nothing wrong."""
    given = {"reports": ALL, "shown": SHOWN, "tickets": TICKETS, "inbox": {"done": 9}, "outbox": {"sent": 9}} | changes
    kept = Kept(given["tickets"], given["inbox"], given["outbox"], given.get("twice", 0))
    return count(given["reports"], given["shown"], kept, 100.0) | {"quota_violations": 0}


def test_a_run_in_which_nothing_happened_has_no_faults() -> None:
    found = counted()
    assert (found["reports"], found["reports_confirmed"], found["tickets"], found["longest_wait_seconds"]) == (3, 3, 3, 3.0)
    assert faults_in(found) == []


def test_a_ticket_that_was_confirmed_and_is_not_there_is_lost() -> None:
    found = counted(tickets=TICKETS[1:])
    assert found["tickets_lost"] == 1
    assert faults_in(found) == ["tickets_lost"]


def test_a_report_that_was_submitted_and_became_nothing_is_lost_and_its_resident_waits() -> None:
    stuck = Report("丙", PLACES[5], Counter(STEPS), waits_since=40.0)
    found = counted(reports=[*ALL, stuck], shown=[*SHOWN, *answers_to(stuck, "")[:2]])
    assert (found["tickets_lost"], found["answers_missing"], found["residents_waiting"]) == (1, 1, 1)
    assert found["longest_wait_seconds"] == 60.0


def test_a_report_filed_twice_is_doubled_though_the_resident_was_told_of_one() -> None:
    found = counted(tickets=[*TICKETS, ("甲", "100009", ONE.words)])
    assert found["tickets_doubled"] == 1
    assert faults_in(found) == ["tickets_doubled"]


def test_the_same_place_reported_by_two_residents_is_nothing_doubled() -> None:
    assert ONE.words == OTHER.words
    assert counted()["tickets_doubled"] == 0


def test_a_ticket_that_nobody_submitted_is_found() -> None:
    early = Report("丙", PLACES[5], Counter(STEPS[:2]), waits=[1.0, 1.0])
    found = counted(
        reports=[*ALL, early], shown=[*SHOWN, *answers_to(early, "")[:2]], tickets=[*TICKETS, ("丙", "100009", early.words)]
    )
    assert faults_in(found) == ["tickets_unasked"]


def test_every_kind_of_answer_seen_twice_is_doubled() -> None:
    for again in answers_to(ONE, ONE.number):
        found = counted(shown=[*SHOWN, again])
        assert (found["answers_doubled"], found["answers_missing"]) == (1, 0)


def test_an_answer_to_what_was_said_again_is_not_doubled() -> None:
    again = Report("甲", ONE.place, Counter(words=1, nothing_more=2, submit=1), ONE.number, [1.0])
    found = counted(reports=[again, TWO, OTHER], shown=[*SHOWN, answers_to(ONE, "")[1]])
    assert (found["answers_doubled"], found["said_again"]) == (0, 1)


def test_an_answer_that_never_came_is_missing() -> None:
    for position in range(len(SHOWN)):
        assert counted(shown=SHOWN[:position] + SHOWN[position + 1 :])["answers_missing"] == 1


def test_rows_left_over_are_faults_but_not_what_waits_for_the_residents_next_word() -> None:
    assert faults_in(counted(inbox={"done": 8, "working": 1})) == ["inbox_not_done"]
    assert faults_in(counted(outbox={"sent": 8, "dead": 1})) == ["outbox_not_sent"]
    assert faults_in(counted(outbox={"sent": 8, "waiting": 1})) == []
    assert faults_in(counted(twice=1)) == ["answers_written_twice"]


def test_a_run_in_which_nobody_got_anywhere_is_no_success() -> None:
    assert "nothing_confirmed" in faults_in(count([], (), Kept(), 0.0))


async def test_the_database_is_read_for_these_residents_only(sqlite_url: str) -> None:
    engine = create_async_engine(sqlite_url)
    async with engine.begin() as connection:
        for number, openid in ((1, "o1"), (2, "somebody else")):
            await connection.execute(insert(residents).values(id=number, key=openid, name="", created_at=NOW))
            await connection.execute(
                insert(channel_identities).values(resident_id=number, channel="wechat", external_id=openid)
            )
            row = {"channel": "wechat", "dedup_key": openid, "resident_id": number, "text": "你好", "received_at": NOW}
            await connection.execute(insert(inbox).values(**row, status=InboxStatus.WORKING))
            for place, words in enumerate(("好的", "好的", "再见")):
                await connection.execute(
                    insert(outbox).values(
                        idempotency_key=f"{openid}-{place}", resident_id=number, channel="wechat", address=openid, text=words,
                        in_reply_to=number, created_at=NOW, status=OutboxStatus.SENT,
                    )  # fmt: skip
                )
    await engine.dispose()
    kept = await kept_of(sqlite_url, {"o1": "甲"})
    assert (kept.inbox, kept.outbox, kept.written_twice, list(kept.tickets)) == ({"working": 1}, {"sent": 3}, 1, [])


def test_the_action_server_can_be_killed_too() -> None:
    arguments = parser().parse_args(["--real", "--kill", "actions", "--kill", "rasa"])
    assert (arguments.real, arguments.kill) == (True, ["actions", "rasa"])


async def test_who_writes_through_kf_is_known_by_the_account_they_write_to() -> None:
    async with Simulator(Options(gateway="http://127.0.0.1:9")) as simulator:
        everybody = real.residents(simulator, 4, 0.5)
        kinds = [type(person) for person in everybody.values()]
        assert kinds == [Customer, Customer, Resident, Resident]
        first, *_, last = everybody.items()
    assert first[0] == f"{simulator.options.corp.kfid}/{first[1].user.openid}"
    assert last[0] == last[1].user.openid


class Deaf:
    """A platform whose pushes nobody takes. What was fetched instead is answered after a while; what only a push brings never."""

    class ledger:  # noqa: N801 - stands for an attribute
        shown: list[Shown] = []  # noqa: RUF012

    async def until(self, user: str, pattern: str, seconds: float, since: int) -> Shown | None:
        return None if seconds <= real.AGAIN else Shown(user, "工单号 100001", 0.0, "kf")


@pytest.mark.parametrize("kind", [Customer, Resident])
async def test_only_a_message_that_is_gone_with_its_push_is_said_again(
    kind: type[Customer | Resident], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Person(kind):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            self.name, self.said = "甲", 0

        async def say(self, text: str) -> Sent:
            self.said += 1
            return Sent(self.said, self.name, "text", text, 0.0, gave_up=self.said == 1)

    monkeypatch.setattr(real, "THINKING", (0, 0))
    report, person = Report("甲", PLACES[0]), Person()
    await real.file_one(Deaf(), person, report, Random(1))  # type: ignore[arg-type]
    assert person.said == (3 if kind is Customer else 4)
    assert report.number == "100001"


def test_a_server_that_was_killed_finds_its_port_free_whatever_else_the_machine_does() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < first, "systems give these to connections that go out"


class Victim:
    def __init__(self, name: str) -> None:
        self.name, self.killed = name, 0

    def kill(self) -> None:
        self.killed += 1

    def start(self) -> None:
        assert self.killed

    def wait(self) -> None:
        pass


async def test_nobody_is_killed_twice_before_everybody_was_killed_once() -> None:
    victims = [Victim("gateway"), Victim("worker"), Victim("worker-2"), Victim("rasa"), Victim("valkey")]
    kills = Kills(["gateway", "worker", "rasa"], 0.0001, 1)
    killing = asyncio.create_task(kills.go_on(Door([], victims)))  # type: ignore[arg-type]
    while sum(kills.done.values()) < 9:
        await asyncio.sleep(0.001)
    killing.cancel()
    assert victims[-1].killed == 0
    often = [victim.killed for victim in victims[:-1]]
    assert max(often) - min(often) <= 1
