"""Reporting: only what is missing is asked, one card shows it all, each field can be changed alone, any time is right to stop."""

from __future__ import annotations

import re
from typing import ClassVar

from actions import report_drafts, report_notice, unclear
from actions.forms import AGAIN, FAIRLY_SURE, SURE, Done, Form, Values, is_aside, wants_out
from actions.reading import (
    find_phone,
    has_words,
    read_number,
    says_no,
    says_skip,
    says_yes,
    tells_when_or_how_bad,
    without,
)
from actions.report_card import (
    CANCEL,
    CHOICES,
    EDITS,
    IN_HOME,
    ME_TOO,
    SUBMIT,
    card,
    category_named,
    category_of,
    known_text,
)
from actions.report_words import (
    ATTACHED,
    FIELDS,
    IN_WORDS,
    JOIN,
    REFUSED,
    added,
    may_be_somewhere,
    names_a_spot,
    only_opens,
    place_text,
)
from actions.turn import Choice, Turn
from chinese.ticket_numbers import find_numbers
from community.model.category import Category, category_name
from community.services import following, home_binding, noticing, places, tickets
from community.services.views import TicketView

MAX_PHOTOS = 9
KEEP = Choice("不改了", "不改了")
STOP = Choice("取消", "取消")
SINCE = tuple(Choice(t, t) for t in ("今天刚发生", "有好几天了", "很久了，一直这样", "说不清，跳过"))
EXTRAS = (Choice("都不用，看一遍", "跳过"),)
_KEEPS = re.compile(r"^(0|不改了?|算了|不用改了?|保持原样|不动|返回)[。.]?$")
_DIGITS = re.compile(r"^[\d\s-]{4,}$")
_FOR_TICKET = re.compile(r"^补到工单(?P<number>\d{6,10})$")
_FOLLOW_UPS = frozenset(
    {"confirm_resolved", "partly_resolved", "not_resolved", "rate", "add_note", "withdraw_ticket", "urge", "ask_progress"}
)


class ReportForm(Form):
    """Collects a report. `report_confirm` ends as 'yes' or 'cancelled'; `ActionFileReport` then files or forgets it."""

    form = "report_form"
    fields: ClassVar = FIELDS

    async def opened(self, turn: Turn, values: Values) -> Values:
        if values["report_confirm"] == REFUSED:
            return {"report_confirm": None}  # Everything is there, the card is shown again.
        values.update(dict.fromkeys((slot.name for slot in FIELDS), None))  # Nothing of a report that was left lying.
        text = turn.text or (unclear.said(turn) if turn.is_payload and turn.intent == "report" else "")
        photos = self._more_photos(values, turn)
        if not has_words(text) or turn.intent == "photo" or only_opens(text):
            return {"report_photos": photos}
        return {"report_photos": photos, **await self._from_words(turn, text, values)}

    def next_step(self, values: Values) -> str | None:
        if values["report_edit"]:
            return str(values["report_edit"])
        if report_notice.shown(values, report_notice.ASK) is not None:
            return "report_notice"
        for step in ("report_words", "report_place", "report_detail", "report_contact"):
            if values[step] is None:
                return step
        return None if values["report_confirm"] else "report_confirm"

    # What ------------------------------------------------------------------------------------------------------------

    async def ask_report_words(self, turn: Turn, values: Values) -> None:
        if values["report_edit"]:
            several = "要改哪件？可以说“第2件改成…”“第2件不要”“合成一件”，或者" if values["report_more"] else ""
            turn.say(f"原来写的是：{values['report_words']}\n{several}请重新说一遍是什么事。", [KEEP])
        elif values["report_photos"]:
            own = [t for t in await tickets.mine(turn.community, turn.resident_id) if t.is_open][:2]
            choices = [Choice(f"补到“{t.title}”（{t.number}）", f"补到工单{t.number}") for t in own]
            turn.say("照片收到了，先帮您存着。这是什么事、在哪里？说一句就行。", [*choices, STOP])
        else:
            turn.say("好的，请说说是什么事、在哪里，一句话就行。（随时可以说“取消”）", [STOP])

    async def read_report_words(self, turn: Turn, values: Values) -> Values | None:
        if values["report_photos"] and (chosen := _FOR_TICKET.match(turn.text)):
            await self._give_photos_to(turn, chosen["number"], tuple(values["report_photos"]))
        if (common := self._common(turn, values, SURE)) is not None:
            return common or None
        if not has_words(turn.text):
            turn.say("这句我没看懂，请用文字说一下是什么事。")
            return {}
        if values["report_edit"]:
            if (changed := await report_drafts.change(turn, values)) is not None:
                return changed
            words = turn.text.strip()
            changes: Values = {"report_words": words, "report_category": str(category_of(turn.category()))}
            changes["report_more"] = None
            if values["report_detail"] in (IN_WORDS, ""):
                changes["report_detail"] = IN_WORDS if tells_when_or_how_bad(words) else ""
            return {**changes, "report_edit": None}
        return await self._from_words(turn, turn.text, values)

    # Where -----------------------------------------------------------------------------------------------------------

    async def ask_report_place(self, turn: Turn, values: Values) -> None:
        mine = await home_binding.homes_meant(turn.community, turn.resident_id)
        choices = [Choice(f"我家这里（{home.text}）", "我家" if len(mine) == 1 else home.text) for home in mine[:4]]
        if values["report_edit"]:
            turn.say(f"原来的地点是：{values['report_place']}\n新的地点在哪里？", [*choices, KEEP])
        else:
            name = category_name(values["report_category"] or Category.OTHER)
            opening = "" if values.get(AGAIN) else "记下了。" if name == "其他" else f"记下了，{name}的事。"
            turn.say(f"{opening}在什么地方？比如：剡溪花园3幢2单元，或者“小区北门”。", [*choices, STOP])

    async def read_report_place(self, turn: Turn, values: Values) -> Values | None:
        guess = await places.resolve(turn.community, turn.text, turn.resident_id) if turn.text else None
        exact = guess is not None and guess.precise in ("room", "unit", "building")
        if not exact and (common := self._common(turn, values, FAIRLY_SURE)) is not None:
            return common or None
        somewhere = guess is not None and (
            exact or guess.estate or may_be_somewhere(turn.text) or turn.intent == "inform"
        )
        if guess is None or not somewhere or len(turn.text.strip()) < 2 or not has_words(turn.text):
            turn.say("这个地方我没看懂，请说小区和几幢几单元，或者附近有什么。")
            return {}
        if not exact and another_report(turn) and not names_a_spot(turn.text):
            turn.say("您好像说到了另一件事。先把这件报完，马上再记下一件。")
            return {}
        # Words that name no building are kept as they are: 北门进来左手边 is where the grid worker has to go.
        text = place_text(guess.text, turn.text, exact)
        changes: Values = {"report_place": text, "report_place_id": guess.place_id, "report_edit": None}
        return await report_notice.looked_at(turn, values, changes)

    # A notice --------------------------------------------------------------------------------------------------------

    async def ask_report_notice(self, turn: Turn, values: Values) -> None:
        notice = await report_notice.notice_of(turn, values, report_notice.ASK)
        if notice is None:  # taken back, or over, since it was shown
            turn.say("那条通知刚刚变了。这件要报上去吗？", [report_notice.REPORT, STOP])
        else:
            turn.say(report_notice.text(notice), [report_notice.KNOW, report_notice.REPORT])

    async def read_report_notice(self, turn: Turn, values: Values) -> Values | None:
        number = report_notice.shown(values, report_notice.ASK)
        chosen = read_number(turn.text, 2)
        known = turn.text.startswith(report_notice.KNOW.payload) or report_notice.settled_by(turn.text) or says_yes(turn.text)
        if chosen == 1 or known or wants_out(turn) or turn.intent in ("thanks", "affirm"):
            if number is not None:
                await noticing.read(turn.community, turn.resident_id, number, "report")
            raise Done(report_confirm=report_notice.NOTICED)
        if chosen == 2 or "报" in turn.text or says_no(turn.text):
            return {"report_notice": report_notice.NO}
        if (common := self._common(turn, values, FAIRLY_SURE)) is not None:
            return common or None
        # Anything else they say is more of what happened to them: it is not what the notice told.
        return {"report_notice": report_notice.NO, "report_detail": added(values["report_detail"], turn.text)}

    # Since when, how bad ---------------------------------------------------------------------------------------------

    async def ask_report_detail(self, turn: Turn, values: Values) -> None:
        if values["report_edit"]:
            before = "" if values["report_detail"] in (IN_WORDS, "") else f"原来写的是：{values['report_detail']}\n"
            turn.say(f"{before}现在是什么情况？什么时候开始的？", [KEEP])
        else:
            turn.say("从什么时候开始的，严重吗？说一句，或者回数字：", SINCE)

    async def read_report_detail(self, turn: Turn, values: Values) -> Values | None:
        answers = tells_when_or_how_bad(turn.text) and turn.intent not in ("ask_legal", "ask_person", "ask_lawyer")
        if not answers and (common := self._common(turn, values, SURE)) is not None:
            return common or None
        if re.match(r"还有|另外|再报|顺便|还要报", turn.text) and another_report(turn):
            turn.say("另一件我记得，先把这件报完，马上再说那件。")
            return {}
        number = None if values["report_edit"] else read_number(turn.text, len(SINCE))
        text = SINCE[number - 1].payload if number else turn.text.strip()
        if says_skip(text) or text == SINCE[-1].payload:
            text = ""
        return {"report_detail": text, "report_edit": None}

    # A photo, a phone ------------------------------------------------------------------------------------------------

    async def ask_report_contact(self, turn: Turn, values: Values) -> None:
        if values["report_edit"]:
            turn.say("请发电话号码，网格员好联系您。", [Choice("不留电话", "不留"), KEEP])
        elif values["report_photos"]:
            turn.say("照片收到了。要不要留个电话，方便网格员联系您？直接发号码就行。", EXTRAS)
        else:
            turn.say("要不要发张照片、留个电话？都可以不填，有就直接发给我。", EXTRAS)

    async def read_report_contact(self, turn: Turn, values: Values) -> Values | None:
        phone = find_phone(turn.text)
        if phone is None and _DIGITS.match(turn.text) and not find_numbers(turn.text)[0]:
            turn.say("这个号码好像不完整，请再发一次。")
            return {}
        if (
            phone is None
            and not says_skip(turn.text)
            and (common := self._common(turn, values, FAIRLY_SURE)) is not None
        ):
            # A photo answers the question too: the card comes next, and a phone can still be added there.
            return (
                {**common, "report_contact": values["report_contact"] or ""}
                if turn.photos and common
                else common or None
            )
        changes: Values = {"report_edit": None}
        if phone is not None:
            return {**changes, "report_contact": phone}
        if says_skip(turn.text) or says_yes(turn.text) or says_no(turn.text) or "看一遍" in turn.text:
            return {**changes, "report_contact": ""}
        # Something else worth keeping, like when somebody is at home.
        return {**changes, "report_contact": "", "report_detail": added(values["report_detail"], turn.text)}

    async def ask_report_photos(self, turn: Turn, values: Values) -> None:
        kept = len(values["report_photos"] or [])
        choices = [Choice("删掉照片", "删掉照片"), KEEP] if kept else [KEEP]
        turn.say(f"现在有{kept}张照片。" * bool(kept) + "请直接发照片。", choices)

    async def read_report_photos(self, turn: Turn, values: Values) -> Values | None:
        if "删" in turn.text and not turn.photos:
            return {"report_photos": [], "report_edit": None}
        if (common := self._common(turn, values, FAIRLY_SURE)) is not None:
            return common or None
        return {"report_edit": None} if says_skip(turn.text) or says_no(turn.text) else {}

    # The card --------------------------------------------------------------------------------------------------------

    async def ask_report_confirm(self, turn: Turn, values: Values) -> None:
        known = await self._known(turn, values)
        late = await report_notice.late_line(turn, values)
        if known is None:
            turn.say(card(values, late=late), CHOICES, show=False)
        else:
            text = card(values, known_text(known, turn.community.clock.now()), late)
            turn.say(text, [*CHOICES, Choice(ME_TOO, ME_TOO)], show=False)

    @staticmethod
    async def _known(turn: Turn, values: Values) -> TicketView | None:
        """A neighbour's open ticket of the same; never asked for a card of several."""
        if values["report_more"]:
            return None
        category = Category(values["report_category"] or Category.OTHER)
        words, place_id = values["report_words"] or "", values["report_place_id"]
        return await following.similar(turn.community, turn.resident_id, category, place_id, words)

    async def read_report_confirm(self, turn: Turn, values: Values) -> Values | None:
        text = turn.text.strip(" 。.!！")
        number = read_number(text, len(CHOICES) + 1)
        chosen = (*(choice.payload for choice in CHOICES), ME_TOO)[number - 1] if number else text
        if (chosen == ME_TOO or turn.intent == "me_too") and (known := await self._known(turn, values)) is not None:
            return {"report_confirm": f"{JOIN}{known.number}"}
        if chosen == SUBMIT or says_yes(text):
            return {"report_confirm": "yes"}
        if chosen == CANCEL or text == "0":
            raise Done(report_confirm="cancelled")
        if chosen in EDITS:
            return {"report_edit": EDITS[chosen]}
        # Before other topics: 第2件不要 would read as leaving, 地点改成5幢 as binding a home.
        for said in (report_drafts.change, self._field_said_anew):
            if (changed := await said(turn, values)) is not None:
                return changed
        if (common := self._common(turn, values, FAIRLY_SURE)) is not None:
            return common or None
        return await self._change_by_words(turn, values)

    @staticmethod
    async def _field_said_anew(turn: Turn, values: Values) -> Values | None:
        """A phone, a category or a place typed under the card; None when it is none of them."""
        if phone := find_phone(turn.text):
            return {"report_contact": phone}
        if category := category_named(turn.text):
            return {"report_category": str(category)}
        if re.search(r"地点|地址|位置|不是.{1,12}是", turn.text):
            said = without(
                turn.text,
                r"^.*?(地点|地址|位置)(不对|错了|写错了)?[，,]?(应该)?(改成|改为|换成|是|在)?|^不是.{1,12}?[，,]?(而)?是",
            )
            guess = await places.resolve(turn.community, said, turn.resident_id)
            if guess.precise != "none":
                return {"report_place": guess.text, "report_place_id": guess.place_id}
            return {"report_edit": "report_place"}
        return None

    @staticmethod
    async def _change_by_words(turn: Turn, values: Values) -> Values:
        """Something typed under the card that names no field: a refusal, another thing, or a word more."""
        if turn.intent == "deny" or says_no(turn.text):
            turn.say("哪里不对？回数字改那一项就行。")
            return {}
        if another_report(turn):
            turn.say("您好像说到了另一件事。这件还没交，先把它办完，交了马上记下一件。")
            return {}
        if has_words(turn.text) and len(turn.text) >= 4:
            return {"report_detail": added(values["report_detail"], turn.text)}
        turn.say("没看懂，回数字就行。")
        return {}

    # Shared ----------------------------------------------------------------------------------------------------------

    def _common(self, turn: Turn, values: Values, floor: float) -> Values | None:
        """What holds at every step: leaving, photos, keeping a field as it was, other topics.

        None: read on, it may be an answer. Empty: step aside (the caller returns None). Anything else: this is the answer.
        """
        if values["report_edit"] and _KEEPS.match(turn.text):
            return {"report_edit": None}
        if wants_out(turn):
            raise Done(report_confirm="cancelled")
        if turn.photos:
            photos = self._more_photos(values, turn)
            step = "report_photos" if values["report_edit"] == "report_photos" else None
            kept = {"report_photos": photos, "report_edit": None if step else values["report_edit"]}
            if not has_words(turn.text) or turn.intent == "photo":
                return kept
            values.update(kept)  # A photo with words: the photo is kept, the words are read as the answer.
            return None
        if turn.intent in _FOLLOW_UPS and (turn.is_payload or find_numbers(turn.text)[0]):
            return {}
        return {} if is_aside(turn, floor) else None

    @staticmethod
    async def _give_photos_to(turn: Turn, number: str, photos: tuple[str, ...]) -> None:
        """The photos belong to a ticket that is there already. Ends the form."""
        await tickets.add_note(turn.community, turn.resident_id, number, "", photos, turn.key("photos"))
        turn.say(f"照片已加到工单{number}，负责人能看到。")
        raise Done(report_confirm=ATTACHED)

    @staticmethod
    def _more_photos(values: Values, turn: Turn) -> list[str]:
        kept = list(values["report_photos"] or [])
        return [*kept, *(p for p in turn.photos if p not in kept)][:MAX_PHOTOS]

    async def _from_words(self, turn: Turn, text: str, values: Values) -> Values:
        """What a first sentence says: what, where, and since when, each only if it is really there."""
        # Words that were not understood at first were looked at then, and only offered as a report.
        earlier = unclear.category(turn)
        category = category_of(turn.category()) if turn.text else Category(earlier or Category.OTHER)
        found: Values = {"report_words": text.strip(), "report_category": str(category), "report_more": None}
        if several := await report_drafts.further_drafts(turn):
            found["report_words"], found["report_category"], found["report_more"] = several
            category = Category(found["report_category"])
        guess = await places.resolve(turn.community, text, turn.resident_id)
        mine = await home_binding.homes_meant(turn.community, turn.resident_id) if guess.from_home or category in IN_HOME else []
        if guess.from_home and guess.precise == "room" and len(mine) > 1:
            pass  # 我家, and there are several: asked, with a digit for each
        elif guess.precise in ("room", "unit", "building"):
            found |= {"report_place": guess.text, "report_place_id": guess.place_id}
        elif guess.precise == "estate" and names_a_spot(text):
            found |= {"report_place": place_text(guess.text, text, False), "report_place_id": guess.place_id}
        elif guess.precise == "none" and category in IN_HOME and not names_a_spot(text) and len(mine) == 1:
            found |= {"report_place": mine[0].text, "report_place_id": mine[0].place_id}
        if values["report_detail"] is None and tells_when_or_how_bad(text):
            found["report_detail"] = IN_WORDS
        if phone := find_phone(text):
            found["report_contact"] = phone
        return await report_notice.looked_at(turn, values, found)


def another_report(turn: Turn) -> bool:
    """Whether the message reads like the beginning of a second report."""
    return turn.intent == "report" and turn.confidence >= SURE and len(turn.text) >= 6
