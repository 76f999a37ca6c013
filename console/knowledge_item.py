"""One entry of the knowledge: changed in a form, seen as a resident will read it, tried with a question, handed to a second person."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError, NotFound
from community.model.calendar import local
from community.model.revision import KIND_NAMES, TWO_PERSONS, ItemKind
from community.model.site import KIND_NAMES as SITES
from community.services import knowledge_gaps, revision_views, revisions
from community.services.revision_views import Item
from community.services.revisions import New
from console import heart
from console.deliberation_parts import Asker, act_button, select
from console.knowledge import PAGE, draw_differences
from console.knowledge_words import FIELDS, NAMES, TONES, TOPICS, lines_of
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, tag
from console.session import Visit

LISTS = ("questions", "steps", "bring", "papers", "rings", "harmless")
SHAPES = {
    ItemKind.ANSWER: (
        "title", "topic", "questions", "answer", "steps", "bring", "where", "citations", "scope", "owner", "checked_on", "expires_on",
    ),
    ItemKind.GUIDE: (
        "title", "field", "questions", "where", "site", "papers", "steps", "fee", "takes", "online", "others", "note", "citations", "owner",
        "checked_on", "expires_on",
    ),
    ItemKind.DANGER: ("number_first", "rings", "harmless", "owner", "expires_on"),
}  # fmt: skip
HINTS = {
    "questions": "一行一句，照居民的口气写，写四到八句", "steps": "一行一步", "bring": "一行一样", "papers": "一行一样",
    "citations": "一行一条，如《民法典》第九百四十二条第二款", "rings": "一行一句。…代表中间隔几个字，如：灶头…滋滋响",
    "harmless": "一行一句。别写太短：真的危险也会跟着不响", "scope": "全国，或者如 浙江省/杭州市", "expires_on": "到这天要重新核对",
    "checked_on": "对着条文或窗口核对过，就改成今天",
}  # fmt: skip
LONG = ("answer", "number_first", *LISTS, "citations")


class ItemPage:
    def __init__(self, frame: Shell, visit: Visit, kind: ItemKind, code: str, ask: str) -> None:
        self.frame, self.visit, self.kind, self.code, self._ask = frame, visit, kind, code, ask
        self.asker = Asker(visit, self.refresh)
        self.boxes: dict[str, Any] = {}
        self._item: Item | None = None
        self._looks = 0
        self._new_code = f"c{local(heart.community().clock.now()):%y%m%d}-{secrets.token_hex(2)}"
        with ui.element("div").classes("notice-page"):
            self._form = ui.element("div").classes("notice-form kn-form")
            with ui.element("div").classes("kn-side"):
                self._seen = Panel(self._draw_seen, "notice-preview")
                self._try = ui.element("div").classes("notice-preview")
                self._past = Panel(self._draw_past)

    async def open(self) -> None:
        new = self.code == "new"
        item = await self.visit.ask(revision_views.item, self.kind, "" if new else self.code)
        self._item = item
        with self._form:
            self._draw_form(item, new)
        with self._try:
            self._draw_try()
        self._past.show(item)
        # After the page is there: the first look of a process reads the whole search index.
        ui.timer(0.1, self.visit.handler(self._look), once=True)
        await self.frame.refresh()

    async def refresh(self) -> None:
        """The form is left alone: somebody may be writing in it."""
        if self.code != "new":
            item = await self.visit.ask(revision_views.item, self.kind, self.code)
            self._past.show(item)
        await self.frame.refresh()

    # --- the form --------------------------------------------------------------------------------------------------------

    def _draw_form(self, item: Item, new: bool) -> None:
        entry = dict(item.entry)
        if new:
            entry = {"questions": [self._ask] if self._ask else [], "scope": "全国", "owner": self.visit.staff.name}
        elif self._ask and self._ask not in entry.get("questions", ()):
            entry["questions"] = [*entry.get("questions", ()), self._ask]
        today = local(heart.community().clock.now()).date()
        entry.setdefault("expires_on", today.replace(year=today.year + 1, day=min(today.day, 28)).isoformat())
        if new or self.kind is not ItemKind.DANGER:
            entry["checked_on"] = entry.get("checked_on") if not new and not self._ask else today.isoformat()
        if self.kind is ItemKind.ANSWER:
            entry.setdefault("scope", "全国")
        if self.kind is ItemKind.DANGER:
            ui.label("原来的规则照常响；这里是加上去的说法。").classes("muted")
        for name in SHAPES[self.kind]:
            self.boxes[name] = self._field(name, entry)
        with ui.element("div").classes("kn-acts"):
            act_button(self.visit, "看看居民读到的", self._look, "outline")
            sure = "提交给另一位看" if self.kind in TWO_PERSONS else "保存，马上用"
            keep = ui.button(sure, on_click=self.visit.handler(self._ask_why)).props("unelevated no-caps").classes("form-sure")
            keep.set_enabled(item.may_write)
            if not item.may_write:
                ui.label("这一条有一个改动等着看，先处理那一个。").classes("muted")
            if not new and self.kind is not ItemKind.DANGER and item.entry:
                act_button(self.visit, "删掉这条", self._ask_gone, "flat")
            if item.may_revert:
                act_button(self.visit, "退回资料里的", self._ask_revert, "flat")

    def _field(self, name: str, entry: dict[str, Any]) -> Any:
        value, label = entry.get(name), NAMES[name]
        hint = f' hint="{HINTS[name]}"' if name in HINTS else ""
        if name in ("topic", "field"):
            return select(TOPICS if name == "topic" else FIELDS, label, value if value else None, search=True)
        if name == "site":
            return select({"": "都不能", **{str(key): text for key, text in SITES.items()}}, label, value or "")
        if name in ("checked_on", "expires_on"):
            box = ui.input(label, value=str(value or "")).props(f'type="date" outlined dense stack-label{hint}')
            return box.classes("full")
        if name in LONG:
            text = "\n".join(lines_of(name, value)) if name in (*LISTS, "citations") else str(value or "")
            return ui.textarea(label, value=text).props(f"outlined dense autogrow{hint}").classes("full")
        return ui.input(label, value=str(value or "")).props(f"outlined dense{hint}").classes("full")

    async def _entry(self) -> dict[str, Any]:
        """What stands in the form. Raises InvalidInput for a citation that is none."""
        assert self._item is not None
        entry: dict[str, Any] = {k: v for k, v in self._item.entry.items() if k not in SHAPES[self.kind]}
        if self.code == "new":
            entry["id"] = self._new_code
        for name, box in self.boxes.items():
            text = str(box.value or "").strip()
            if name == "citations":
                entry[name] = await knowledge_gaps.citations_of(heart.community(), text)
            elif name in LISTS:
                entry[name] = list(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))
            elif text:
                entry[name] = text
        return {name: value for name, value in entry.items() if value or name in self._item.entry}

    async def _look(self) -> None:
        """What a resident would read, and what is wrong with it. A new form is empty: nothing is wrong yet."""
        if not str(self.boxes["number_first" if self.kind is ItemKind.DANGER else "title"].value or "").strip():
            return
        self._looks += 1
        mine = self._looks
        try:
            entry = await self._entry()
            checked = await self.visit.ask(revisions.check, self.kind, entry)
            said = await self.visit.ask(knowledge_gaps.preview, self.kind, entry) if not checked.wrong else ""
            found = (said, checked.wrong, checked.look)
        except LinsheError as error:
            found = ("", (error.message,), ())
        # A slow look at what stood there before must not take the place of a later one.
        if mine == self._looks:
            self._seen.show(found)

    def _draw_seen(self, shown: tuple[str, tuple[str, ...], tuple[str, ...]]) -> None:
        said, wrong, look = shown
        ui.label("居民会读到" if said else "还不能提交").classes("section")
        if said:
            ui.label(said).classes("notice-bubble")
        for text in wrong:
            ui.label(text).classes("kn-wrong")
        for text in look:
            ui.label(text).classes("kn-look")

    async def _ask_why(self) -> None:
        entry = await self._entry()
        checked = await self.visit.ask(revisions.check, self.kind, entry)
        if checked.wrong:
            self._seen.show(("", checked.wrong, checked.look))
            self.visit.tell(checked.wrong[0], "warning")
            return

        async def act(why: str) -> str:
            assert self._item is not None
            await self.visit.ask(revisions.propose, New(self.kind, entry, self._item.base, why))
            ui.navigate.to(f"{PAGE}?tab={'wait' if self.kind in TWO_PERSONS else self.kind}")
            return ""

        sure = "提交" if self.kind in TWO_PERSONS else "保存，马上用"
        self.asker.ask_words("为什么改", "一句话", sure, "第二位看的人和以后的人要知道。", 300, act)

    def _ask_gone(self) -> None:
        async def act(why: str) -> str:
            assert self._item is not None
            await self.visit.ask(revisions.propose, New(self.kind, self._item.entry, self._item.base, why, gone=True))
            ui.navigate.to(f"{PAGE}?tab={'wait' if self.kind in TWO_PERSONS else self.kind}")
            return ""

        self.asker.ask_words("删掉这条", "为什么", "删掉", "居民以后问到，就没有这一条了。", 300, act)

    def _ask_revert(self) -> None:
        async def act(why: str) -> str:
            await self.visit.ask(revisions.revert, self.kind, self.code, why)
            ui.navigate.to(f"{PAGE}/{self.kind}/{self.code}")
            return ""

        self.asker.ask_words("退回资料里的", "为什么", "退回", "回到安装时带的那个样子。", 300, act)

    # --- beside it -------------------------------------------------------------------------------------------------------

    def _draw_try(self) -> None:
        ui.label("试一句").classes("section")
        with ui.element("div").classes("kn-search"):
            box = ui.input(placeholder="居民会怎么问").props("outlined dense").classes("kn-box")
            found = ui.element("div").classes("kn-found")

            async def ask() -> None:
                now = await self.visit.ask(knowledge_gaps.answers_now, self.kind, str(box.value or ""))
                found.clear()
                with found:
                    if self.kind is ItemKind.DANGER:
                        ui.label(f"{now.danger}：{now.said}" if now.danger else "不响。")
                    elif not now.hits:
                        ui.label("没有能答的。")
                    for hit in now.hits:
                        here = "（就是这条）" if hit.code == self.code else ""
                        ui.label(f"{hit.title}{here} {hit.chance:.0%}" + ("，直接给" if hit.sure else "，列出来让居民选"))
                    ui.label("这是现在的，改动通过后半分钟生效。").classes("muted")

            box.on("keydown.enter", self.visit.handler(ask), args=[])
            act_button(self.visit, "试", ask, "outline")
        found.move(self._try)

    def _draw_past(self, item: Item) -> None:
        if not item.history:
            return
        ui.label("改过什么").classes("section spaced")
        for one in item.history:
            with ui.element("div").classes("cand"):
                with ui.element("div").classes("sides-head"):
                    tag(one.state_name, TONES[one.state])
                    second = f"，{one.second}{'看过' if one.state != 'refused' else '没通过'}" if one.second else ""
                    ui.label(f"{one.by} {local(one.at):%m-%d %H:%M}{second}").classes("muted")
                ui.label(one.why + (f"　{one.said}" if one.said else ""))
                if one.state == "proposed":
                    draw_differences(one)
                    ui.link("去“等着看”处理", f"{PAGE}?tab=wait").classes("textlink")


@ui.page(PAGE + "/{kind}/{code}", title="知识条目 · 邻舍工作台", response_timeout=20)
async def item_page(request: Request, kind: str, code: str, ask: str = "") -> None:
    visit = Visit.of(request)
    known = kind in set(ItemKind)
    title = KIND_NAMES[ItemKind(kind)] if known else "知识"
    with shell(visit, "knowledge", title, back=f"{PAGE}?tab={kind}" if known else PAGE) as frame:
        try:
            if not known:
                raise NotFound("没有这一类知识。")
            page = ItemPage(frame, visit, ItemKind(kind), code, ask.strip()[:120])
            await page.open()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh).models = True
