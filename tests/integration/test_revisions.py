"""What staff change in the assistant's knowledge: two persons for the law and for danger, at once for guides, and never over each other."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from community.errors import Conflict, Forbidden, InvalidInput
from community.knowledge import danger, guides, search
from community.knowledge.curation import KnowledgeFiles
from community.knowledge.importer import import_answers, import_wheel
from community.model.advice import AdviceGiven
from community.model.danger import find_danger
from community.model.law import AnswerFlag, Change
from community.model.people import Role
from community.model.revision import ItemKind, RevisionState
from community.ports import Community
from community.services import due_news, knowledge_gaps, legal, revision_views, revisions
from community.services.inbound import danger_in
from community.services.revision_views import RevisionView
from community.services.revisions import New
from community.store.danger_rules import load_added, load_bare_rules, load_danger_rules
from ops import knowledge_files
from ops.context import Context
from tests.conftest import FakeClock
from tests.integration.test_knowledge import CIVIL, DEPOSIT, DOG, write_answers
from tests.integration.test_staff_wecom import letters
from tests.small_city import SmallCity
from tests.unit.knowledge.small_wheel import china

ANSWER, GUIDE, DANGER = ItemKind.ANSWER, ItemKind.GUIDE, ItemKind.DANGER
DAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (danger, guides, search):
        monkeypatch.setattr(module, "LOOK_AGAIN", 0.0)


@pytest.fixture
async def lawful(community: Community, city: SmallCity, tmp_path: Path) -> Community:
    (tmp_path / "knowledge").mkdir()
    write_answers(tmp_path / "knowledge" / "legal", DEPOSIT, DOG)
    await import_wheel(community, path=china(tmp_path / "laws.db").write())
    await import_answers(community, tmp_path / "knowledge")
    return replace(community, curation=KnowledgeFiles(tmp_path / "knowledge", (), dict, community.legal))


async def changed(c: Community, who: int, kind: ItemKind, code: str, **values: Any) -> RevisionView:
    item = await revision_views.item(c, who, kind, code)
    return await revisions.propose(c, who, New(kind, {**item.entry, **values}, item.base, "居民说看不懂"))


async def said(c: Community, question: str) -> str:
    advice = await legal.advise(c, question)
    return advice.answer.answer if advice.answer else ""


async def test_a_legal_answer_counts_when_a_second_person_said_yes_and_not_before(lawful: Community, city: SmallCity) -> None:
    trainer, lawyer = city.staff["trainer"].id, city.staff["lawyer"].id
    proposed = await changed(lawful, trainer, ANSWER, "deposit", answer="押金该退，先发微信要。")
    assert proposed.state is RevisionState.PROPOSED
    assert "先书面要" in await said(lawful, "房东不退押金")
    with pytest.raises(Forbidden):
        await revisions.approve(lawful, trainer, proposed.id)
    assert await revision_views.waiting(lawful, lawyer) == 1
    await revisions.approve(lawful, lawyer, proposed.id)
    assert "先发微信要" in await said(lawful, "房东不退押金")
    with pytest.raises(Conflict):
        await revisions.approve(lawful, lawyer, proposed.id)


async def test_two_trainers_alone_cannot_change_the_law(lawful: Community, city: SmallCity) -> None:
    async with lawful.uow() as uow:
        other = replace(city.staff["trainer"], id=None, login="trainer2")  # type: ignore[arg-type]
        uow.session.add(other)  # type: ignore[attr-defined]
        await uow.commit()
    proposed = await changed(lawful, city.staff["trainer"].id, ANSWER, "deposit", answer="押金该退，先发微信要。")
    with pytest.raises(Forbidden, match="律师"):
        await revisions.approve(lawful, other.id, proposed.id)


async def test_the_next_start_keeps_what_was_approved_and_a_revert_brings_the_file_back(
    lawful: Community, city: SmallCity, tmp_path: Path
) -> None:
    trainer, lawyer = city.staff["trainer"].id, city.staff["lawyer"].id
    await revisions.approve(lawful, lawyer, (await changed(lawful, trainer, ANSWER, "deposit", answer="先发微信要。")).id)
    report = await import_answers(lawful, tmp_path / "knowledge")
    assert report.touched == 0
    assert "先发微信要" in await said(lawful, "房东不退押金")
    with pytest.raises(Forbidden):
        await revisions.revert(lawful, trainer, ANSWER, "deposit", "还是原来的好")
    await revisions.revert(lawful, lawyer, ANSWER, "deposit", "还是原来的好")
    assert "先书面要" in await said(lawful, "房东不退押金")
    assert (await import_answers(lawful, tmp_path / "knowledge")).touched == 0


async def test_a_new_answer_is_found_and_a_removed_one_is_not(lawful: Community, city: SmallCity) -> None:
    trainer, lawyer = city.staff["trainer"].id, city.staff["lawyer"].id
    new = {**DEPOSIT, "id": "rent-raise", "title": "租期没到房东要涨租金", "questions": ["房东中途涨房租", "合同没到期要加租"],
           "answer": "合同没到期不能单方涨租。"}  # fmt: skip
    made = await revisions.propose(lawful, trainer, New(ANSWER, new, "", "问的人多"))
    await revisions.approve(lawful, lawyer, made.id)
    assert "不能单方涨租" in await said(lawful, "房东中途涨房租")
    item = await revision_views.item(lawful, trainer, ANSWER, "dog")
    gone = await revisions.propose(lawful, trainer, New(ANSWER, item.entry, item.base, "重复了", gone=True))
    await revisions.approve(lawful, lawyer, gone.id)
    assert "养狗的人赔" not in await said(lawful, "邻居的狗咬伤孩子谁赔")
    assert {one.code for one in await revision_views.items(lawful, trainer, ANSWER)} == {"deposit", "rent-raise"}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"citations": [{"law": CIVIL, "article": "第九千条"}]}, "第九千条今天查不到"),
        ({"citations": [{"law": CIVIL, "article": "第七百零八条", "paragraph": 9}]}, "没有第9款"),
        ({"answer": "按第一千二百四十五条办。"}, "依据里却没有它"),
        ({"answer": "按《民法典》第一条办。", "citations": [{"law": CIVIL, "article": "第七百零八条"}]}, "依据里却没有它"),
        ({"answer": "依照《物业管理条例》先登报。"}, "《物业管理条例》，依据里却没有它"),
        ({"checked_on": "2027-01-01"}, "以后的日子"),
        ({"expires_on": "2026-11-24"}, "复核期限"),
        ({"questions": ["遛狗不拴绳咬人了"]}, "已经在“被别人家的狗咬了怎么办”里"),
        ({"questions": []}, "不能为空"),
    ],
)
async def test_what_is_wrong_is_said_before_anybody_reads_it(
    lawful: Community, city: SmallCity, values: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await changed(lawful, city.staff["trainer"].id, ANSWER, "deposit", **values)
    assert wrong in refused.value.message


async def test_who_was_slower_hears_it_and_overwrites_nothing(lawful: Community, city: SmallCity) -> None:
    trainer, lawyer, lead = (city.staff[name].id for name in ("trainer", "lawyer", "operator"))
    opened = await revision_views.item(lawful, lead, ANSWER, "deposit")
    first = await changed(lawful, trainer, ANSWER, "deposit", answer="先发微信要。")
    with pytest.raises(Conflict):
        await changed(lawful, lead, ANSWER, "deposit", answer="先打电话要。")
    both = await asyncio.gather(
        revisions.approve(lawful, lawyer, first.id), revisions.approve(lawful, lead, first.id), return_exceptions=True
    )
    assert sorted(isinstance(one, Conflict) for one in both) == [False, True]
    with pytest.raises(Conflict, match="刚才有人改过"):
        await revisions.propose(lawful, lead, New(ANSWER, {**opened.entry, "answer": "先打电话要。"}, opened.base, "旧的页面"))


async def test_a_no_comes_with_its_reason_and_the_writer_may_withdraw(lawful: Community, city: SmallCity) -> None:
    trainer, lawyer = city.staff["trainer"].id, city.staff["lawyer"].id
    proposed = await changed(lawful, trainer, ANSWER, "deposit", answer="先发微信要。")
    with pytest.raises(InvalidInput):
        await revisions.refuse(lawful, lawyer, proposed.id)
    assert (await revisions.refuse(lawful, lawyer, proposed.id, "要写明书面")).state is RevisionState.REFUSED
    again = await changed(lawful, trainer, ANSWER, "deposit", answer="先书面发微信要。")
    assert (await revisions.refuse(lawful, trainer, again.id)).state is RevisionState.WITHDRAWN
    history = (await revision_views.item(lawful, trainer, ANSWER, "deposit")).history
    assert [one.state_name for one in history] == ["撤回了", "没通过"]


async def test_an_answer_past_its_day_is_offered_with_a_word_and_not_given(lawful: Community, city: SmallCity, clock: FakeClock) -> None:
    trainer, lawyer = city.staff["trainer"].id, city.staff["lawyer"].id
    await revisions.approve(lawful, lawyer, (await changed(lawful, trainer, ANSWER, "deposit", expires_on="2026-12-01")).id)
    assert [line.code for line in (await revision_views.page(lawful, trainer)).due] == ["deposit"]
    assert (await legal.advise(lawful, "房东不退押金")).kind == "answer"
    clock.forward(days=8)
    assert (await legal.advise(lawful, "房东不退押金")).kind == "choices"
    assert "有一阵没核对" in (await legal.answer_of(lawful, "deposit")).note


async def test_a_flag_is_cleared_by_a_revision_that_was_checked_since(lawful: Community, city: SmallCity, clock: FakeClock) -> None:
    async with lawful.uow() as uow:
        await uow.answer_flags.add_new([AnswerFlag(0, "deposit", CIVIL, "第七百零八条", Change.CHANGED, "a", "b", DAY, clock.now())])
        await uow.commit()
    today = clock.now().date().isoformat()
    proposed = await changed(lawful, city.staff["trainer"].id, ANSWER, "deposit", checked_on=today, answer="该退，先书面要。")
    await revisions.approve(lawful, city.staff["lawyer"].id, proposed.id)
    async with lawful.reading() as uow:
        (flag,) = await uow.answer_flags.all_of("deposit")
        assert (flag.open, flag.cleared_by) == (False, "林律师")


async def test_a_guide_counts_when_it_is_kept_and_its_new_wording_finds_it(community: Community, city: SmallCity) -> None:
    desk = city.staff["desk1"].id
    item = await revision_views.item(community, desk, GUIDE, "ebike-plate")
    entry = {**item.entry, "fee": "本市免费", "checked_on": "2026-11-24", "questions": [*item.entry["questions"], "电驴挂那个小铁牌牌咋整"]}
    kept = await revisions.propose(community, desk, New(GUIDE, entry, item.base, "窗口说免费"))
    assert kept.state is RevisionState.IN_FORCE
    (hit, *_) = await community.guides.find("电驴挂那个小铁牌牌咋整", 3)
    assert (hit.guide.code, hit.guide.fee, hit.sure) == ("ebike-plate", "本市免费", True)
    await revisions.revert(community, desk, GUIDE, "ebike-plate", "写错了")
    await community.guides.refresh()
    again = community.guides.get("ebike-plate")
    assert again is not None
    assert again.fee != "本市免费"
    with pytest.raises(Forbidden):
        await revision_views.items(community, city.staff["lawyer"].id, GUIDE)


async def test_a_danger_phrase_rings_after_an_operator_looked_and_cannot_silence_a_real_one(community: Community, city: SmallCity) -> None:
    trainer, lead = city.staff["trainer"].id, city.staff["operator"].id
    words = "灶头那边滋滋响得吓人"
    assert (await danger_in(community, words)).alarm is None
    proposed = await changed(community, trainer, DANGER, "gas", rings=["灶头…滋滋响"])
    assert (await danger_in(community, words)).alarm is None
    await revisions.approve(community, lead, proposed.id)
    alarm = (await danger_in(community, words)).alarm
    assert alarm is not None
    assert alarm.code == "gas"
    for values, wrong in (
        ({"harmless": ["煤气味"]}, "真的危险就不响了"),
        ({"rings": ["哈…哈…哈…哈…火"]}, "最多2处"),
        ({"number_first": "快跑出去"}, "不能去掉"),
        ({"rings": ["气"]}, "要有2到40个字"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await changed(community, trainer, DANGER, "gas", **values)
        assert wrong in refused.value.message, values
    with pytest.raises(InvalidInput, match="说得太宽"):
        await changed(community, trainer, DANGER, "gas", rings=["电梯"])
    # What ends a sentence stands in no clause: it is left out, and the phrase rings all the same.
    one = await changed(community, trainer, DANGER, "gas", rings=["灶头…滋滋响", "锅里的油轰一下窜起来！"], harmless=["老王家"])
    await revisions.approve(community, lead, one.id)
    for said in ("锅里的油轰一下窜起来！", "老王家煤气味好大"):
        assert (await danger_in(community, said)).alarm is not None, said
    look = (await changed(community, trainer, DANGER, "gas", rings=["灶头…滋滋响", "电梯…担架"])).look
    assert any("平常话也会当成危险" in one for one in look)


async def test_what_found_nothing_is_counted_by_what_it_says_and_names_nobody(lawful: Community, city: SmallCity, clock: FakeClock) -> None:
    resident = city.residents["R0001"]
    async with lawful.uow() as uow:
        for number, text in enumerate((f"我是{resident.name}，电话13800138000，遗嘱要公证吗", "遗嘱要公证吗", "遗嘱要公证吗？")):
            await uow.advice.add(AdviceGiven(0, resident.id, clock.now(), text, "none", 0.0, f"k{number}"))
        await uow.commit()
    found = await knowledge_gaps.gaps(lawful, city.staff["trainer"].id, ANSWER)
    assert sum(gap.times for gap in found) == 3
    assert max(gap.times for gap in found) >= 2
    everything = "".join(text for gap in found for text in gap.texts)
    assert resident.name not in everything
    assert "13800138000" not in everything


async def test_nobody_else_writes_here(lawful: Community, city: SmallCity) -> None:
    for name in ("grid1", "property"):
        assert city.staff[name].role not in (Role.TRAINER, Role.OPERATOR)
        with pytest.raises(Forbidden):
            await revision_views.page(lawful, city.staff[name].id)
    with pytest.raises(Forbidden):
        await revision_views.item(lawful, city.staff["desk1"].id, ANSWER, "deposit")


async def test_what_counts_comes_back_into_the_files_once_and_on_a_branch(community: Community, city: SmallCity, tmp_path: Path) -> None:
    root = tmp_path / "project"
    for name in ("data/knowledge/guides", "data/knowledge/legal", "data/lexicon"):
        (root / name).mkdir(parents=True)
    data = Path(__file__).parents[2] / "data"
    shutil.copy(data / "knowledge" / "guides" / "daily.yml", root / "data/knowledge/guides")
    shutil.copy(data / "lexicon" / "danger.yml", root / "data/lexicon")
    for words in (("init", "-q"), ("add", "-A"), ("-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "first")):
        subprocess.run(["git", *words], cwd=root, check=True)
    settings = community.extras["settings"].model_copy(
        update={"knowledge": root / "data" / "knowledge", "danger_rules": root / "data" / "lexicon" / "danger.yml"}
    )
    rules, added = load_bare_rules(settings.danger_rules), partial(load_added, settings.danger_rules)
    c = replace(community, curation=KnowledgeFiles(settings.knowledge, rules, added, community.legal))
    desk, trainer, lead = (city.staff[name].id for name in ("desk1", "trainer", "operator"))
    await changed(c, desk, GUIDE, "ebike-plate", fee="本市免费", checked_on="2026-11-24")
    await revisions.approve(c, lead, (await changed(c, trainer, DANGER, "gas", rings=["灶头…滋滋响"])).id)
    context = Context(settings, root, tmp_path / "var", settings.async_database_url, "", "x", True, True)
    number, change = await knowledge_files.export(c, context)
    assert (number, len(change)) == (2, 12)
    files = subprocess.run(["git", "show", "--stat", "--format=%s", change], cwd=root, capture_output=True, text=True, check=True).stdout
    assert "daily.yml" in files
    assert "danger_added.yml" in files
    assert "fee: 本市免费" in (root / "data/knowledge/guides/daily.yml").read_text(encoding="utf-8")
    assert find_danger("灶头那边滋滋响", load_danger_rules(settings.danger_rules)) is not None
    assert await knowledge_files.export(c, context) == (0, "")
    # It is in the file now: going back to that would change nothing, and says so instead.
    with pytest.raises(Conflict, match="写进资料文件"):
        await revisions.revert(c, desk, GUIDE, "ebike-plate", "写错了")
    with pytest.raises(Conflict, match="写进资料文件"):
        await revisions.revert(c, lead, DANGER, "gas", "不要了")
    in_file = (await c.curation.entries(GUIDE))["ebike-plate"]
    assert revision_views.digest_of(in_file) == (await revision_views.item(c, desk, GUIDE, "ebike-plate")).base


async def test_of_two_who_keep_one_guide_at_once_the_second_is_told(community: Community, city: SmallCity) -> None:
    desk, lead = city.staff["desk1"].id, city.staff["operator"].id
    for round_ in range(2):  # the first has no row to hold yet, the second has
        item = await revision_views.item(community, desk, GUIDE, "ebike-plate")
        news = [{**item.entry, "checked_on": "2026-11-24", "fee": f"{round_}{who}"} for who in ("甲", "乙")]
        done = await asyncio.gather(
            *(revisions.propose(community, who, New(GUIDE, new, item.base, "问过")) for who, new in zip((desk, lead), news, strict=True)),
            return_exceptions=True,
        )
        assert sorted(isinstance(one, Conflict) for one in done) == [False, True], done


async def test_a_revision_that_does_not_fit_any_more_takes_no_other_guide_with_it(community: Community, city: SmallCity) -> None:
    desk = city.staff["desk1"].id
    item = await revision_views.item(community, desk, GUIDE, "ebike-plate")
    kept = await revisions.propose(community, desk, New(GUIDE, {**item.entry, "checked_on": "2026-11-24"}, item.base, "问过"))
    async with community.uow() as uow:
        one = await uow.revisions.get(kept.id)
        assert one is not None
        one.body = {**one.body, "given_up": "x"}
        await uow.commit()
    assert [hit.guide.code for hit in await community.guides.find("电动车上牌要带什么", 1)] == ["ebike-plate"]
    assert await community.guides.find("高龄津贴怎么领", 1)


async def test_who_answers_for_an_entry_hears_a_month_before_it_is_due_and_on_the_day_once(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    desk = city.staff["desk1"]
    async with community.uow() as uow:
        member = await uow.people.staff(desk.id)
        assert member is not None
        member.wecom_id = "shenfang"
        await uow.commit()
    item = await revision_views.item(community, desk.id, GUIDE, "ebike-plate")
    entry = {**item.entry, "checked_on": "2026-11-24", "expires_on": "2027-01-10", "owner": "沈芳"}
    await revisions.propose(community, desk.id, New(GUIDE, entry, item.base, "问过"))
    told = []
    for _ in range(60):
        told.append(await due_news.run(community))
        assert await due_news.run(community) == 0, "once a day"
        clock.forward(days=1)
    assert [day for day, number in enumerate(told) if number] == [17, 47]  # from 2026-11-24: 12-11 and 01-10
    assert len([one for one in await letters(community, "shenfang") if "电动车上牌" in one.text]) == 2
