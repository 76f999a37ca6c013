"""What is said of a guide, a site or a contact day, its digits, and what a short question after it means."""


from __future__ import annotations

from datetime import date, datetime

from rasa_sdk.events import EventType

from actions import slots
from actions.ticket_text import payload
from actions.turn import Choice, Turn
from community.model.calendar import local
from community.model.guide import Guide
from community.services import guide_text, guides
from community.services.guides import Answer, Shown

PERSON = Choice("请工作人员答复", "/ask_person")
NONE = Choice("都不是", payload("ask_guide", answer="none"))
BIND = Choice("绑定住址，给您看自己社区的", "/bind_home")
NOT_SAID = {
    "papers": "这件事不用特别带材料，带上身份证就行，去之前打电话问一声更稳当。",
    "others": "能不能别人代办，我这里没有写到，先打电话问窗口。",
    "fee": "要不要钱，我这里没有写到，先打电话问窗口。", "takes": "要多久，我这里没有写到，先打电话问窗口。",
    "online": "这件事我没查到能在手机上办，到窗口办。", "steps": "",
}  # fmt: skip


def last_shown(turn: Turn) -> Shown | None:
    what, at = slots.GUIDE_SHOWN.of(turn.tracker), slots.GUIDE_AT.of(turn.tracker)
    return Shown(what, datetime.fromisoformat(at)) if what and at else None


async def lean_on_guide(turn: Turn, *, hours: bool = False, only_lean: bool = False) -> list[EventType] | None:
    """What words taken for something else mean after a guide was shown, or of the hours of a site; None when it is not about that.
    `hours`: they were taken for a question about hours, so the community's own counter is meant. `only_lean`: nothing but a short question
    after a guide, where the words have a meaning of their own otherwise."""
    if not turn.text:
        return None
    c, shown = turn.community, last_shown(turn)
    if shown is not None and (slots.LEGAL_AT.of(turn.tracker) or "") > shown.at.isoformat():
        shown = None  # the short question leans on the legal answer given since
    found: Answer | None
    if not only_lean and guides.about(turn.text):
        found = await guides.answer(c, turn.resident_id, turn.text, turn.key("guide"), shown)
    else:
        found = await guides.leans(c, turn.resident_id, turn.text, shown)
        if found is None and hours:
            found = await guides.hours(c, turn.resident_id, turn.text, None)
    if found is None or found.kind == "none":
        return None
    return say(turn, turn.text, found, shown)


async def instead_of_law(turn: Turn, text: str) -> list[EventType] | None:
    """A guide where law has no answer of ours: 双方同意离婚，去民政局需要哪些东西. None when no guide is sure."""
    found = await guides.instead_of_law(turn.community, turn.resident_id, text)
    return say(turn, text, found, None) if found is not None else None


def say(turn: Turn, question: str, found: Answer, shown: Shown | None) -> list[EventType]:
    """One message, its digits, and what a short question after it leans on."""
    if found.kind == "guide" and found.guide is not None:
        aspect = guides.aspect_of(question) if shown is not None and shown.what == found.guide.code else None
        return one(turn, found.guide, found, aspect)
    if found.kind == "choices":
        if turn.in_form:
            titles = "\n".join(f"· {guide.title}" for guide in found.choices)
            turn.say(f"您想问的可能是：\n{titles}\n手上这件填完，说一句要问哪个就行。")
            return []
        opening = "您想问的是这个吗？" if len(found.choices) == 1 else "您想问的是哪一个？回个数字："
        offered = [Choice(guide.title, payload("ask_guide", answer=f"show:{guide.code}")) for guide in found.choices]
        turn.say(opening, [*offered, NONE])
        return kept(turn, question)
    if found.kind == "hours" and found.site is not None:
        turn.say(f"{found.text}电话{found.site.phone}。")
        # After the hours of a guide's counter, what to bring still means that guide.
        if shown is not None and not shown.what.startswith("site:") and shown.fresh(turn.community.clock.now()):
            return [slots.GUIDE_AT.to(_now(turn))]
        return [slots.GUIDE_SHOWN.to(f"site:{found.site.id}"), slots.GUIDE_AT.to(_now(turn))]
    if found.kind == "text":
        turn.say(found.text)
        return []
    call = f"社区电话{found.site.phone}（{found.site.state}）" if found.site is not None else "所在社区的电话"
    offered = [PERSON] if found.home_known else [PERSON, BIND]
    turn.say(f"这件事我没查到核对过的办法，不敢乱说，免得您白跑。可以打12345，或{call}。", () if turn.in_form else offered)
    return kept(turn, question)


def kept(turn: Turn, question: str) -> list[EventType]:
    """What was asked, for the button that is pressed next."""
    return [slots.UNCLEAR_TEXT.to(question[:500]), slots.UNCLEAR_AT.to(_now(turn))]


def one(turn: Turn, guide: Guide, found: Answer, aspect: str | None) -> list[EventType]:
    text = _aspect(guide, found, aspect) if aspect else guide_text.whole(guide, _today(turn), _site(found))
    turn.say(text, _choices(turn, guide, found, aspect))
    return [slots.GUIDE_SHOWN.to(guide.code), slots.GUIDE_AT.to(_now(turn)), slots.UNCLEAR_TEXT.to(None)]


def _choices(turn: Turn, guide: Guide, found: Answer, aspect: str | None) -> list[Choice]:
    if turn.in_form:
        return []
    offered = []
    if guide.papers and aspect != "papers":
        offered.append(Choice("要带的一条条列给我", payload("ask_guide", answer=f"papers:{guide.code}")))
    if guide.steps and aspect != "steps":
        offered.append(Choice("怎么办、先后步骤", payload("ask_guide", answer=f"steps:{guide.code}")))
    offered.append(BIND if not found.home_known else Choice("附近还有哪些站点", payload("ask_guide", answer="sites")))
    return [*offered, PERSON]


def _site(found: Answer) -> str:
    site = found.site
    return f"{site.name}，{site.address}，电话{site.phone}，{site.state}。" if site is not None else ""


def _aspect(guide: Guide, found: Answer, aspect: str) -> str:
    near = f"\n您附近：{_site(found)}" if found.site is not None else ""
    said = {
        "papers": "要带：\n" + "\n".join(f"· {one}" for one in guide.papers) if guide.papers else "",
        "steps": "这样办：\n" + "\n".join(f"{n}）{one}" for n, one in enumerate(guide.steps, 1)) if guide.steps else "",
        "where": f"去哪：{guide.where}。{near}", "phone": f"去哪：{guide.where}。{near}" if near else "窗口电话我没有，打12345能转到。",
        "others": guide.others, "fee": guide.fee, "takes": guide.takes, "online": guide.online,
    }[aspect]  # fmt: skip
    return f"{guide.title}：{said}" if said else f"{guide.title}：{NOT_SAID[aspect] or guide_text.CONFIRM}"


def _now(turn: Turn) -> str:
    return turn.community.clock.now().isoformat()


def _today(turn: Turn) -> date:
    return local(turn.community.clock.now()).date()
