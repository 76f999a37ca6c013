"""From a message that was not understood to a label, and from there to a job; on both databases."""

from __future__ import annotations

import asyncio

import pytest

from community.errors import Conflict, Forbidden, InvalidInput
from community.model.conversation import Topic
from community.model.message import InboxMessage
from community.model.teaching import JobKind, JobState, ModelState, TrainedModel, held_out
from community.model.understanding import Heard
from community.ports import Community
from community.services import conversations, inbound, labelling, labels, model_jobs, teaching, teaching_figures
from community.services.inbound import Answered, Incoming
from community.services.labelling import NewLabel
from tests.conftest import FakeClock
from tests.small_city import SmallCity

UNSURE = Heard("nlu_fallback", 0.3, (("ask_points", 0.31), ("out_of_scope", 0.28)), "other", 0.2, "model-1")
SURE = Heard("report", 0.98, (("report", 0.98), ("ask_legal", 0.01)), "leak", 0.9, "model-1")
TAUGHT = "饭卡余额怎么查"


async def say(c: Community, city: SmallCity, number: int, text: str, heard: Heard | None, *, payload: str | None = None) -> InboxMessage:
    who = city.residents["R0001"].id
    await inbound.receive(c, Incoming("webchat", who, f"k{number}", text, payload=payload))
    [message] = await inbound.claim(c, "w")
    assert await inbound.finish(c, "w", [Answered(message.id, (), "", heard)]) == [True]
    return message


async def queue(c: Community, city: SmallCity, doubt: str = "") -> teaching.Queue:
    return await teaching.queue(c, city.staff["trainer"].id, doubt)


async def test_what_was_not_understood_is_in_the_queue_and_what_was_is_only_counted(community: Community, city: SmallCity) -> None:
    await say(community, city, 1, TAUGHT, UNSURE)
    await say(community, city, 2, "厨房漏水了", SURE)
    await say(community, city, 3, "好", SURE)
    await say(community, city, 4, "按了按钮", UNSURE, payload="/affirm")
    shown = await queue(community, city)
    assert [[line.text for line in group.lines] for group in shown.groups] == [[TAUGHT]]
    assert (shown.total, shown.messages) == (1, 2)
    assert shown.groups[0].lines[0].guess == "ask_points"
    assert shown.groups[0].lines[0].doubts == ("没听懂",)
    assert shown.groups[0].lines[0].model == "model-1"


async def test_a_trainer_never_reads_a_telephone_number_nor_who_said_it_nor_their_room(community: Community, city: SmallCity) -> None:
    await say(community, city, 1, "我叫王小明，电话13812345678，饭卡怎么查", UNSURE)
    await say(community, city, 2, "李秀英，住剡溪花园3幢2单元502室的，快递丢了", UNSURE)
    shown = " ".join(group.lines[0].text for group in (await queue(community, city)).groups)
    assert "剡溪花园3幢" in shown
    for private in ("138", "王小明", "李秀英", "502"):
        assert private not in shown


async def test_a_face_is_not_taught_and_keeps_nobody_from_teaching(community: Community, city: SmallCity) -> None:
    await say(community, city, 1, "饭卡怎么查[发怒]", UNSURE)
    await say(community, city, 2, "[微笑]", UNSURE)
    [group] = (await queue(community, city)).groups
    new = NewLabel("饭卡怎么查[发怒]", "ask_guide", said=("饭卡去哪查 [抱拳]", "[玫瑰][玫瑰]"), sources=tuple(group.ids))
    made = await labelling.label(community, city.staff["trainer"].id, new)
    assert [one.text for one in made] == ["饭卡怎么查", "饭卡去哪查"]


async def test_what_was_learnt_and_taken_back_waits_for_a_training_before_it_means_something_else(
    community: Community, city: SmallCity
) -> None:
    trainer = city.staff["trainer"].id
    [made] = await labelling.label(community, trainer, NewLabel(TAUGHT, "ask_points"))
    await model_jobs.written(community, {made.id: "volunteer.yml"}, "c1", ())
    await labels.undo(community, trainer, made.id)
    with pytest.raises(Conflict, match="先训练一次"):
        await labelling.label(community, trainer, NewLabel(TAUGHT, "ask_guide"))
    await model_jobs.written(community, {made.id: "volunteer.yml"}, "c2", {made.id})
    [again] = await labelling.label(community, trainer, NewLabel(TAUGHT, "ask_guide"))
    assert (again.intent, again.state) == ("ask_guide", "ready")
    # Taken back while a training writes it: it is in the data now, and has to go with the next one.
    await labels.undo(community, trainer, again.id)
    await model_jobs.written(community, {made.id: "guide.yml"}, "c3", ())
    assert [one.state for one in await model_jobs.to_write(community)] == ["undone"]


async def test_an_answer_after_which_a_person_is_asked_for_comes_into_the_queue(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    who = city.residents["R0001"].id
    await say(community, city, 1, "厨房漏水了怎么赔", SURE)
    message = await say(community, city, 2, "转人工", SURE)
    await conversations.ask_person(community, who, Topic.GENERAL, "", f"in-{message.id}:ask")
    assert [group.lines[0].text for group in (await queue(community, city, "handoff")).groups] == ["厨房漏水了怎么赔"]
    # Much later it is no word on that answer any more.
    await say(community, city, 3, "楼道灯不亮", SURE)
    clock.forward(hours=1)
    await conversations.ask_person(community, who, Topic.GENERAL, "", "in-99:ask")
    assert (await queue(community, city, "handoff")).total == 1


async def test_messages_that_say_the_same_are_one_line_and_the_more_the_higher(community: Community, city: SmallCity) -> None:
    for number, text in enumerate(("快递柜满了放不进去", "饭卡余额怎么查", "饭卡的余额怎么查", "饭卡余额怎么查啊")):
        await say(community, city, number, text, UNSURE)
    shown = await queue(community, city)
    assert [len(group.lines) for group in shown.groups] == [3, 1]
    assert "饭卡" in shown.groups[0].maybe_new or shown.groups[0].maybe_new == ""


async def test_a_label_leaves_the_queue_and_comes_back_when_it_is_taken_back(community: Community, city: SmallCity) -> None:
    trainer = city.staff["trainer"].id
    await say(community, city, 1, TAUGHT, UNSURE)
    [group] = (await queue(community, city)).groups
    new = NewLabel(TAUGHT, "ask_guide", why="问食堂", sources=tuple(group.ids), alike=("饭卡还有多少钱",))
    made = await labelling.label(community, trainer, new)
    assert [one.meaning for one in made] == ["问办事怎么办", "问办事怎么办"]
    after = await queue(community, city)
    assert (after.total, after.ready) == (0, 2)
    await labels.undo(community, trainer, made[0].id, "标错了")
    assert (await queue(community, city)).total == 1
    assert [event.did for event in await labels.history(community, trainer, made[0].id)] == ["撤回", "标为问办事怎么办"]


async def test_one_of_five_goes_to_the_measure_and_a_trainers_own_words_never(community: Community, city: SmallCity) -> None:
    texts = [f"第{n}种说法怎么查" for n in range(200)]
    assert 25 <= sum(held_out(text) for text in texts) <= 55
    held = next(text for text in texts if held_out(text))
    trainer = city.staff["trainer"].id
    other = next(text for text in texts if held_out(text) and text != held)
    made = await labelling.label(community, trainer, NewLabel(held, "ask_guide", alike=(other,)))
    assert [one.held_out for one in made] == [True, False]


async def test_two_trainers_who_disagree_wait_for_a_lead(community: Community, city: SmallCity) -> None:
    trainer, operator = city.staff["trainer"].id, city.staff["operator"].id
    [made] = await labelling.label(community, trainer, NewLabel(TAUGHT, "ask_guide"))
    with pytest.raises(Conflict, match="另一位"):
        await labels.second(community, trainer, made.id, "ask_points")
    assert (await labels.second(community, operator, made.id, "ask_points")).state == "disputed"
    assert [label.id for label in await model_jobs.to_write(community)] == []
    with pytest.raises(Forbidden):
        await labels.settle(community, trainer, made.id, "ask_guide")
    settled = await labels.settle(community, operator, made.id, "ask_points")
    assert (settled.state, settled.intent) == ("ready", "ask_points")


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (NewLabel("好", "affirm"), "2到"),
        (NewLabel("灯坏了", "no_such"), "意图"),
        (NewLabel("灯坏了", "report"), "类别"),
        (NewLabel("灯坏了", "report", "lighting", alike=tuple(f"灯坏了第{n}回" for n in range(30))), "最多"),
    ],
)
async def test_what_cannot_be_learnt_is_refused_with_the_reason(community: Community, city: SmallCity, new: NewLabel, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        await labelling.label(community, city.staff["trainer"].id, new)


async def test_nobody_else_teaches(community: Community, city: SmallCity) -> None:
    for login in ("grid1", "desk1"):
        with pytest.raises(Forbidden):
            await teaching.queue(community, city.staff[login].id)
        with pytest.raises(Forbidden):
            await model_jobs.ask(community, city.staff[login].id, JobKind.TRAIN)


async def test_one_sentence_labelled_otherwise_by_another_is_not_overwritten(community: Community, city: SmallCity) -> None:
    await labelling.label(community, city.staff["trainer"].id, NewLabel(TAUGHT, "ask_guide"))
    with pytest.raises(Conflict, match="问办事"):
        await labelling.label(community, city.staff["operator"].id, NewLabel(TAUGHT + "？", "ask_points"))


def model(name: str, state: ModelState, clock: FakeClock, *, blocked: str = "", losses: str = "") -> TrainedModel:
    made = TrainedModel(0, name, f"id-{name}", clock.now(), state, fingerprint="f")
    made.blocked, made.losses = [blocked] if blocked else [], [losses] if losses else []
    return made


async def test_one_job_at_a_time_and_one_process_does_it(community: Community, city: SmallCity, clock: FakeClock) -> None:
    trainer = city.staff["trainer"].id
    number = await model_jobs.ask(community, trainer, JobKind.TRAIN)
    with pytest.raises(Conflict, match="已经有一件"):
        await model_jobs.ask(community, trainer, JobKind.TRAIN)
    taken = await asyncio.gather(model_jobs.claim(community, "one"), model_jobs.claim(community, "two"))
    assert sorted(job.id if job else 0 for job in taken) == [0, number]
    assert await model_jobs.beat(community, number, "训练候选模型", 0.4, ["line"])
    shown = (await model_jobs.page(community, trainer)).running
    assert shown is not None
    assert (shown.stage, shown.log) == ("训练候选模型", "line\n")
    # The process was killed: another one takes it up when it has been silent, its own successor at once.
    clock.forward(seconds=61)
    other = await model_jobs.claim(community, "three")
    assert other is not None
    assert other.id == number
    await model_jobs.cancel(community, trainer, number)
    assert not await model_jobs.beat(community, number, "…", 0.5)
    await model_jobs.end(community, number, JobState.CANCELLED)
    assert (await model_jobs.page(community, trainer)).running is None


async def test_figures_decide_who_may_publish(community: Community, city: SmallCity, clock: FakeClock) -> None:
    trainer, lead = city.staff["trainer"].id, city.staff["operator"].id
    await model_jobs.keep_model(community, model("bad", ModelState.CANDIDATE, clock, blocked="1个对话测试没通过"))
    with pytest.raises(Conflict, match="没通过"):
        await model_jobs.ask(community, lead, JobKind.PUBLISH, "bad", "一定要发")
    await model_jobs.keep_model(community, model("worse", ModelState.CANDIDATE, clock, losses="“催办”从0.9降到0.8"))
    with pytest.raises(Conflict):  # the earlier candidate is gone
        await model_jobs.ask(community, lead, JobKind.PUBLISH, "bad")
    with pytest.raises(Forbidden, match="理由"):
        await model_jobs.ask(community, trainer, JobKind.PUBLISH, "worse", "一定要发")
    with pytest.raises(InvalidInput):
        await model_jobs.ask(community, lead, JobKind.PUBLISH, "worse", "好")
    assert await model_jobs.ask(community, lead, JobKind.PUBLISH, "worse", "新的一类更要紧")


async def test_the_last_ten_models_are_kept_and_the_eleventh_goes(community: Community, city: SmallCity, clock: FakeClock) -> None:
    gone: list[str] = []
    for number in range(13):
        clock.forward(minutes=1)
        await model_jobs.keep_model(community, model(f"m{number:02d}", ModelState.CANDIDATE, clock))
        gone += await model_jobs.serves(community, f"m{number:02d}", None, "")
    page = await model_jobs.page(community, city.staff["trainer"].id)
    assert gone == ["m00", "m01", "m02"]
    assert len(page.models) == 10
    assert next(one.name for one in page.models if one.state == "serving") == "m12"
    assert await model_jobs.ask(community, city.staff["trainer"].id, JobKind.ROLLBACK, "m11")


async def test_every_figure_of_a_week_has_its_messages_behind_it(community: Community, city: SmallCity, clock: FakeClock) -> None:
    trainer = city.staff["trainer"].id
    await say(community, city, 1, TAUGHT, UNSURE)
    clock.forward(days=7)
    for number, text in enumerate(("楼道灯坏了", "厨房漏水了", "快递柜满了放不进去"), 2):
        await say(community, city, number, text, UNSURE if "快递" in text else SURE)
    found = await teaching_figures.figures(community, trainer)
    assert [(week.messages, week.plain) for week in found.weeks[:3]] == [(3, 2), (1, 0), (0, 0)]
    assert [(topic.intent, topic.messages, topic.doubted) for topic in found.topics] == [("nlu_fallback", 2, 2), ("report", 2, 0)]
    this, last = found.weeks[0], found.weeks[1]
    assert [line.text for line in await teaching_figures.behind(community, trainer, this.begins, doubt="unclear")] == ["快递柜满了放不进去"]
    assert [line.text for line in await teaching_figures.behind(community, trainer, last.begins)] == [TAUGHT]
    assert len(await teaching_figures.behind(community, trainer, last.begins, 2, intent="nlu_fallback")) == 2
    with pytest.raises(Forbidden):
        await teaching_figures.figures(community, city.staff["desk1"].id)
