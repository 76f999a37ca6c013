"""A resident's own data, and people who act for each other: seen, corrected, copied, deleted, agreed to, ended."""

from __future__ import annotations

import re
from typing import ClassVar

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.forms import SURE, Done, Form, Values, is_aside, wants_out
from actions.guide_card import lean_on_guide
from actions.household_words import PRIVACY, ask_to_erase, summary, task_of
from actions.reading import find_phone, has_words, says_no, says_yes
from actions.turn import Choice, Turn
from community.model.calendar import day_text
from community.services import carers, homes, privacy

FIELDS = (slots.HOUSEHOLD_TASK, slots.HOUSEHOLD_VALUE)
OUT = Choice("不用了", "取消")
EMPTY: Values = {"household_task": None, "household_value": None}
OWN = frozenset({"my_data", "link_person", "bind_home", "ask_person", "elder_mode"})
"""What the answer to 改成什么 may sound like."""


def link(do: str, link_id: int | None = None, intent: str = "link_person") -> str:
    """A button's payload."""
    of = f',"link_id":"{link_id}"' if link_id is not None else ""
    return f'/{intent}{{"do":"{do}"{of}}}'


class HouseholdForm(Form):
    """Most is done in one message; a name, a phone and the last word before a deletion are asked for."""

    form = "household_form"
    fields: ClassVar = FIELDS

    async def opened(self, turn: Turn, values: Values) -> Values:
        if turn.intent == "link_person" and await lean_on_guide(turn, only_lean=True) is not None:
            raise Done(**EMPTY)  # 能代办吗, after a guide: whether family may go there instead
        task = turn.entity("do") or task_of(turn.intent, turn.text)
        step = getattr(self, f"_do_{task}", None)
        if step is None:
            step = self._do_family if turn.intent == "link_person" else self._do_show
        return {**EMPTY, **(await step(turn) or {})}

    def next_step(self, values: Values) -> str | None:
        return "household_value" if values["household_value"] is None else None

    async def ask_household_value(self, turn: Turn, values: Values) -> None:
        match values["household_task"]:
            case "name":
                turn.say("您的名字改成什么？", [OUT])
            case "phone":
                turn.say("新的电话号码是多少？", [OUT])
            case "carer":
                turn.say("请说家人登记在这里的手机号（住址核实过、住一起的，说名字也行）。我会先问本人同不同意。", [OUT])
            case _:
                mine = await privacy.mine(turn.community, turn.resident_id)
                turn.say(ask_to_erase(mine), [Choice("确定要删", "确定要删"), Choice("不删了", "不删了")])

    async def read_household_value(self, turn: Turn, values: Values) -> Values | None:
        task = values["household_task"]
        if wants_out(turn) or turn.text == "0" or (task == "delete" and (says_no(turn.text) or "不删" in turn.text)):
            turn.say("好的，没有动。")
            raise Done(**EMPTY)
        if turn.is_payload and turn.intent in ("my_data", "link_person"):
            return await self.opened(turn, values)
        if task == "delete" and (says_yes(turn.text) or turn.text == "确定要删"):
            due = await privacy.ask_deletion(turn.community, turn.resident_id)
            turn.say(f"记下了，{privacy.day_of(due)}删除。这之前说“撤回删除”就不删。")
            raise Done(**EMPTY)
        if turn.intent not in OWN and is_aside(turn, SURE):
            return None
        if task == "delete":
            turn.say("没看懂，回1确定要删，回2不删。")
            return {}
        if not has_words(turn.text):
            return {}
        if task == "name":
            turn.say(f"改好了，以后叫您{await homes.set_name(turn.community, turn.resident_id, turn.text)}。")
        elif task == "phone":
            phone = await homes.set_phone(turn.community, turn.resident_id, find_phone(turn.text) or turn.text)
            turn.say(f"改好了，现在登记的是{phone}。")
        else:
            turn.say(await carers.ask(turn.community, turn.resident_id, turn.text, turn.key("carer")))
        raise Done(**EMPTY)

    # My data -----------------------------------------------------------------------------------------------------------

    async def _do_show(self, turn: Turn) -> Values:
        mine = await privacy.mine(turn.community, turn.resident_id)
        last = Choice("全部删除", link("delete", intent="my_data"))
        if mine.deletion_due:
            last = Choice("撤回删除", link("keep", intent="my_data"))
        turn.say(
            summary(mine),
            [
                Choice("改名字", link("name", intent="my_data")),
                Choice("改电话", link("phone", intent="my_data")),
                Choice("改住址", "/bind_home"),
                Choice("导出一份", link("export", intent="my_data")),
                last,
            ],
        )
        raise Done(**EMPTY)

    async def _do_name(self, turn: Turn) -> Values:
        return {"household_task": "name"}

    async def _do_phone(self, turn: Turn) -> Values:
        if phone := find_phone(turn.text):
            turn.say(f"改好了，现在登记的是{await homes.set_phone(turn.community, turn.resident_id, phone)}。")
            raise Done(**EMPTY)
        return {"household_task": "phone"}

    async def _do_export(self, turn: Turn) -> Values:
        token = await privacy.make_link(turn.community, turn.resident_id)
        base = turn.community.extras["settings"].public_base
        turn.say(f"您的资料在这里下载：\n{base}/my-data/{token}\n一天内有效，只能打开三次。谁拿到这个链接谁就能看，请别转发。")
        raise Done(**EMPTY)

    async def _do_delete(self, turn: Turn) -> Values:
        mine = await privacy.mine(turn.community, turn.resident_id)
        if mine.deletion_due:
            turn.say(
                f"您已经说过要删，{privacy.day_of(mine.deletion_due)}删。", [Choice("撤回删除", link("keep", intent="my_data")), OUT]
            )
            raise Done(**EMPTY)
        return {"household_task": "delete"}

    async def _do_keep(self, turn: Turn) -> Values:
        await privacy.withdraw_deletion(turn.community, turn.resident_id)
        turn.say("撤回了，您的资料不删。")
        raise Done(**EMPTY)

    async def _do_dissent(self, turn: Turn) -> Values:
        if "授权" in turn.text and any(one.agreed for one in await carers.links(turn.community, turn.resident_id)):
            return await self._do_end(turn)
        await privacy.withdraw_consent(turn.community, turn.resident_id)
        turn.say(
            "记下了，您不同意。已经在办的事照常办完；要把存着的也删掉，选1。",
            [Choice("全部删除", link("delete", intent="my_data")), Choice("先留着", "/thanks")],
        )
        raise Done(**EMPTY)

    async def _do_seen(self, turn: Turn) -> Values:
        looks = await carers.uses(turn.community, turn.resident_id, 5)
        mine = await privacy.mine(turn.community, turn.resident_id)
        now = turn.community.clock.now()
        staff = mine.counts["谁看过您的信息"]
        said = [f"工作人员看过您的电话或住户信息{staff}次，每次都留了记录，社区会查。" if staff else "还没有工作人员看过您的电话。"]
        said += [f"{day_text(one.at, now)} {one.name}{one.what}{one.number}" for one in looks]
        turn.say("\n".join(said), [Choice("看我的资料", "/my_data"), Choice("请工作人员解释", "/ask_person")])
        raise Done(**EMPTY)

    async def _do_policy(self, turn: Turn) -> Values:
        turn.say(PRIVACY, [Choice("看我的资料", "/my_data"), Choice("请工作人员解释", "/ask_person")])
        raise Done(**EMPTY)

    # People ------------------------------------------------------------------------------------------------------------

    async def _do_family(self, turn: Turn) -> Values:
        if find_phone(turn.text):
            turn.say(await carers.ask(turn.community, turn.resident_id, turn.text, turn.key("carer")))
            raise Done(**EMPTY)
        linked = await carers.links(turn.community, turn.resident_id)
        lines = [
            (f"您在照看{one.name}" if one.mine else f"{one.name}在帮您办事" if one.agreed else f"{one.name}想帮您办事，等您答复")
            for one in linked
        ]
        choices = [Choice("我来照看家人", link("add"))]
        choices += [Choice(f"替{one.name}报事", link("for", one.id)) for one in linked if one.mine]
        choices += [Choice(f"解除{one.name}", link("end", one.id)) for one in linked if one.agreed]
        lines.append("想让家人帮您办，请TA在自己的手机上跟我说“照看家人”，我来问您同不同意。")
        turn.say("\n".join(lines), [*choices[:7], OUT])
        raise Done(**EMPTY)

    async def _do_add(self, turn: Turn) -> Values:
        return {"household_task": "carer"}

    async def _do_for(self, turn: Turn) -> Values:
        mine = [one for one in await carers.links(turn.community, turn.resident_id) if one.mine]
        chosen = turn.entity("link_id")
        if chosen is None and not mine:
            turn.say("还没有家人同意您代办。先加一位：", [Choice("我来照看家人", link("add")), OUT])
        elif chosen is None and len(mine) > 1:
            turn.say("替谁报？", [*(Choice(one.name, link("for", one.id)) for one in mine), OUT])
        else:
            name = await carers.act_for(turn.community, turn.resident_id, int(chosen or mine[0].id))
            turn.say(f"好的，下一件就替{name}报。是什么事？一句话说就行。")
        raise Done(**EMPTY)

    async def _do_end(self, turn: Turn) -> Values:
        linked = [one for one in await carers.links(turn.community, turn.resident_id) if one.agreed]
        chosen = turn.entity("link_id")
        if chosen is not None:
            await carers.end(turn.community, turn.resident_id, int(chosen))
            turn.say("解除了，从现在起互相看不到了。")
        elif linked:
            turn.say("要解除哪一位？", [*(Choice(one.name, link("end", one.id)) for one in linked[:7]), OUT])
        else:
            turn.say("您现在没有授权给谁，也没有在照看谁。")
        raise Done(**EMPTY)

    async def _do_answer(self, turn: Turn) -> Values:
        await answer(turn)
        raise Done(**EMPTY)


async def answer(turn: Turn) -> None:
    """The elder's digit under the question of a carer."""
    yes = turn.entity("answer") == "yes"
    name, _ = await carers.answer(turn.community, turn.resident_id, int(turn.entity("link_id") or 0), yes)
    turn.say(f"好的，{name}可以帮您看、帮您报了。要停，说“取消授权”。" if yes else f"好的，没有同意{name}。")


class ActionHouseholdAside(LinsheAction):
    """In the middle of a report: what a digit under news answers is answered, the rest comes after."""

    def name(self) -> str:
        return "action_household_aside"

    async def act(self, turn: Turn) -> list[EventType]:
        if turn.entity("do") == "answer":
            await answer(turn)
        else:
            turn.say("资料和家人的事，等手上这件填完再跟我说一声。")
        return []


_OFF = re.compile(r"关|恢复|退出|回到|取消|不要大字|不用大字|太大|换回|原来|普通|正常")
_FOR = re.compile(r"[给帮替](我)?(爸|妈|爹|娘|奶奶|爷爷|外婆|外公|公公|婆婆|老人|岳|丈母|家人|他|她)")


class ActionElderMode(LinsheAction):
    """On by words, off by a word, for oneself or for an elder who agreed to be looked after."""

    def name(self) -> str:
        return "action_elder_mode"

    async def act(self, turn: Turn) -> list[EventType]:
        on = turn.entity("do") != "off" if turn.is_payload else not _OFF.search(turn.text)
        chosen = turn.entity("link_id")
        if not turn.is_payload and _FOR.search(turn.text):
            mine = [one for one in await carers.links(turn.community, turn.resident_id) if one.mine]
            if mine:
                do = "on" if on else "off"
                turn.say(
                    "给谁设？",
                    [*(Choice(one.name, link(do, one.id, "elder_mode")) for one in mine), Choice("给我自己", link(do, None, "elder_mode"))],
                )
                return []
        name = await privacy.set_elder(turn.community, turn.resident_id, on, int(chosen) if chosen else None)
        who = f"{name}那边" if name else ""
        if on:
            turn.say(f"好的，{who}字放大了，我也说短些。一次说一样，回数字就行。不要了就说“关掉大字”。")
        else:
            turn.say(f"好的，{who}恢复原样了。")
        return []
