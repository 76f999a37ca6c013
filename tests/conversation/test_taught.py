"""Conversations that trainers kept (tests/conversation/taught/*.yml): the assistant goes on as it did."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from community.model.message import Button, Reply
from community.model.understanding import Heard
from community.ports import Community
from community.services import inbound, talk_cases
from community.services.inbound import Answered, Incoming
from community.services.talk_cases import Kept
from ops.teaching import talks
from ops.teaching.talks import TalkChange
from tests.conversation.servers import City
from tests.conversation.talk import Talk

FOLDER = Path(os.environ.get("LINSHE_TAUGHT") or Path(__file__).parent / "taught")
"""The trainer process tries conversations before they are among these (`ops/teaching/jobs.py`)."""
KEPT = sorted(FOLDER.glob("*.yml"))
UNSURE = Heard("nlu_fallback", 0.3, (("report", 0.3),), "other", 0.2, "m")


def goes_on(kept: dict[str, Any], talk: Talk) -> None:
    for turn in kept["turns"]:
        said = talk.say(turn["say"])
        so_far = "\n".join(talk.lines)
        for words in turn["answer"]:
            assert words in said, f"“{words}” is gone:\n{so_far}"
        for title in turn["buttons"]:
            assert title in talk.titles(), f"“按钮 {title}” is gone:\n{so_far}"


@pytest.mark.parametrize("path", KEPT, ids=[path.stem for path in KEPT])
def test_a_kept_conversation_goes_on_as_it_did(path: Path, someone: Callable[..., Talk]) -> None:
    kept = talks.read(path)
    goes_on(kept, someone() if kept["home"] else someone(None))


@pytest.mark.parametrize(
    "lines",
    [
        ("我叫吴小梅，鹿山苑1幢1单元的楼道灯坏了", "有好几天了", "跳过", "取消"),
        ("转人工",),
        ("有什么志愿活动可以参加",),
    ],
)
def test_what_a_trainer_keeps_of_a_real_conversation_holds_for_somebody_else(
    lines: tuple[str, ...], someone: Callable[..., Talk], city: City, tmp_path: Path
) -> None:
    """From what the assistant really says, by way of the inbox, the trainer's button and the file, and said once more by another."""
    talk = someone()
    said: list[tuple[str, Reply]] = []
    for line in lines:
        answer = talk.say(line)
        said.append((line, Reply(answer, tuple(Button(button["title"], button["payload"]) for button in talk.buttons))))

    async def keep(c: Community) -> TalkChange:
        for number, (line, reply) in enumerate(said):
            await inbound.receive(c, Incoming("webchat", talk.resident.id, f"{talk.resident.key}-{number}", line))
            [message] = await inbound.claim(c, "w")
            await inbound.finish(c, "w", [Answered(message.id, (reply,), "", UNSURE)])
        trainer = city.small.staff["trainer"].id
        async with c.reading() as uow:
            latest = await uow.understandings.latest_of(talk.resident.id, message.received_at.replace(year=2020), "")
        assert latest is not None
        shown = await talk_cases.around(c, trainer, [latest.id])
        made = await talk_cases.keep(c, trainer, latest.id, [Kept(turn.key, turn.answer, turn.buttons) for turn in shown.turns])
        case = next(one for one in await talk_cases.to_write(c) if one.id == made.id)
        await talk_cases.undo(c, trainer, made.id)
        return TalkChange(case.id, case.turns, case.home, "", False)

    change = city.ask(keep)
    talks.apply(tmp_path, [change])
    kept = talks.read(tmp_path / talks.path_of(change.id))
    assert len(kept["turns"]) >= min(len(lines), 3)
    assert "吴小梅" not in str(kept)
    goes_on(kept, someone())
