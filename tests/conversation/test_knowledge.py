"""What staff write at the console is what the next resident reads, within a minute, without training and without a restart."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from community.bootstrap import open_community
from community.errors import Unavailable
from community.model.calendar import local
from community.model.revision import ItemKind
from community.ports import AnswerHit, ArticleHit, Community
from community.search_elsewhere import SearchElsewhere
from community.services import revision_views, revisions
from community.services.revisions import New
from tests.conversation.servers import Assistant, City
from tests.conversation.talk import Talk

A_MINUTE = 60
QUESTION = "邻居家鸽子拉屎把我车漆腐蚀了要不要赔"
ENTRY = {
    "id": "pigeon-paint", "topic": "neighbours", "title": "邻居养的鸽子弄坏了东西怎么办",
    "questions": [QUESTION, "鸽子粪弄脏晾的被子能叫他赔吗"],
    "answer": "能要。养的动物弄坏别人的东西，养的人要赔。先拍照、留好洗车修漆的单据。", "where": "社区人民调解委员会", "scope": "全国",
    "citations": [{"law": "中华人民共和国民法典", "article": "第一千二百四十五条"}], "owner": "社区法律顾问组", "checked_on": "2026-11-23",
}  # fmt: skip


@pytest.fixture
def written(city: City) -> Iterator[City]:
    staff = city.small.staff

    async def write(c: Community) -> None:
        made = await revisions.propose(c, staff["trainer"].id, New(ItemKind.ANSWER, ENTRY, "", "问的人多"))
        await revisions.approve(c, staff["lawyer"].id, made.id)
        guide = await revision_views.item(c, staff["desk1"].id, ItemKind.GUIDE, "ebike-plate")
        await revisions.propose(c, staff["desk1"].id, New(ItemKind.GUIDE, {**guide.entry, "fee": "本市免费"}, guide.base, "问过窗口"))

    async def undo(c: Community) -> None:
        await revisions.revert(c, staff["lawyer"].id, ItemKind.ANSWER, "pigeon-paint", "试完了")
        await revisions.revert(c, staff["desk1"].id, ItemKind.GUIDE, "ebike-plate", "试完了")

    city.ask(write)
    yield city
    city.ask(undo)


def until(ask: Callable[[], str], wanted: str) -> str:
    ends, said = time.monotonic() + A_MINUTE, ""
    while time.monotonic() < ends:
        said = ask()
        if wanted in said:
            return said
        time.sleep(2)
    return said


@pytest.mark.waits
def test_an_approved_answer_and_a_guide_are_heard_within_a_minute(someone: Callable[..., Talk], written: City) -> None:
    def law() -> str:
        talk = someone()
        talk.say("你能做什么")
        talk.say("4")
        return talk.say(QUESTION)

    said = until(law, "养的人要赔")
    assert "养的人要赔" in said
    assert "依据：《民法典》第一千二百四十五条" in said
    assert "费用：本市免费" in until(lambda: someone().say("电动车上牌要带什么"), "本市免费")


def test_the_console_is_told_what_the_action_server_would_answer(assistant: Assistant) -> None:
    """It holds no index of its own: what it shows of “试一句” is what residents get."""

    async def ask() -> tuple[list[AnswerHit], list[ArticleHit]]:
        address = assistant.actions.health.replace("/health", "/search")
        async with open_community(assistant.city.settings, signals=False, search_at=address) as c:
            day = local(c.clock.now()).date()
            with pytest.raises(Unavailable):
                await SearchElsewhere("http://127.0.0.1:9/search", c.legal, c.reading).answers("押金", day)
            return await c.legal.answers("房东不退押金怎么办", day), await c.legal.articles("房东不退押金怎么办", day, 5)

    answers, articles = asyncio.run(ask())
    assert answers[0].answer.title == "退租了，房东不退押金怎么办"
    assert answers[0].sure
    assert len(articles) == 5
    assert articles[0].citation.text
    for body in (b"{}", b'{"what": "answers"}', b"[]", b"x", b'{"what": "x", "query": "a", "day": "2026-11-28", "limit": 1}'):
        request = urllib.request.Request(assistant.actions.health.replace("/health", "/search"), body, {"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 400, body
