"""What is understood and has no flow yet: honestly said, with a way that works, and the words are not lost."""

from __future__ import annotations

import pytest

from actions.pass_on import WAYS
from tests.conversation.talk import Talk

SAID = {
    "me_too": "我们家也是这样",
    "need_help": "有没有人能帮我妈去医院取个药",
}


@pytest.mark.parametrize("intent", sorted(WAYS))
def test_it_is_said_plainly_what_cannot_be_done_here_yet(resident: Talk, intent: str) -> None:
    said = resident.say(SAID[intent])
    assert WAYS[intent].text in said
    assert [choice.title for choice in WAYS[intent].choices] == resident.titles()


def test_the_words_go_along_when_they_become_a_report(resident: Talk) -> None:
    resident.say("有没有人能帮我妈去医院取个药")
    said = resident.say("1")
    assert "是什么事" not in said
    assert "为老服务" in said


def test_in_the_middle_of_a_report_the_report_goes_on(resident: Talk) -> None:
    resident.say("楼道灯坏了")
    assert "这边先办完" in resident.say("能不能请老娘舅来给我们调解一下")
    said = resident.say("老年证在哪里办，要带什么材料")
    assert "什么地方" in said
