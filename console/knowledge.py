"""知识: what waits for a second pair of eyes, what is to be checked again, every entry, and what residents asked in vain."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError, Unavailable
from community.model.calendar import local
from community.model.revision import KIND_NAMES, WRITES, ItemKind
from community.services import knowledge_gaps, revision_views, revisions, trainers
from community.services.knowledge_gaps import Gap, Now
from community.services.revision_views import ItemLine, Page, RevisionView
from console.deliberation_parts import Asker, act_button
from console.knowledge_words import TONES, differences, topic_name
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.session import Visit
from console.teach_words import Words

PAGE = "/knowledge"
SHOWN = 60
STATES = {"proposed": ("等另一位看", "s-wait"), "revised": ("改过", "s-todo"), "file": ("", "")}
DUES = {"over": ("过了复核期限", "u-high"), "soon": ("快到复核期限", "s-wait"), "": ("", "")}


def draw_differences(one: RevisionView) -> None:
    """What a change takes out and what it puts in, field by field."""
    if one.gone:
        ui.label("整条删掉").classes("kn-gone")
        return
    for field in differences(one.before, one.body):
        with ui.element("div").classes("kn-field"):
            ui.label(field.name + (f"（另有{field.kept}条不变）" if field.kept else "")).classes("muted")
            for line in field.gone:
                ui.label(line).classes("kn-gone")
            for line in field.new:
                ui.label(line).classes("kn-new")


class KnowledgePage:
    def __init__(self, frame: Shell, visit: Visit, tab: str, words: str) -> None:
        self.frame, self.visit = frame, visit
        self.kinds = [kind for kind in ItemKind if visit.staff.role in WRITES[kind]]
        self.teaches = visit.staff.role in trainers.TEACHES
        self.tab = tab if tab in ("gaps", *(("words",) if self.teaches else ()), *self.kinds) else "wait"
        self.words = words
        self._lexicon: Words | None = None
        self.asker = Asker(visit, self.refresh)
        self._tabs = Panel(self._draw_tabs, "finding")
        self._search = ui.element("div").classes("kn-search")
        self._body = Panel(self._draw, "kn-body")
        self._words = ui.element("div")
        self._draw_search()

    async def load(self) -> None:
        page = await self.visit.ask(revision_views.page)
        self._tabs.show((self.tab, len(page.proposed), tuple(page.numbers.items())))
        self._words.set_visibility(self.tab == "words")
        if self.tab == "words":
            await self._load_words()
        elif self.tab == "wait":
            self._body.show((self.tab, page, (), ()))
        elif self.tab == "gaps":
            found = [gap for kind in self.kinds for gap in await self.visit.ask(knowledge_gaps.gaps, kind)]
            self._body.show((self.tab, None, (), tuple(sorted(found, key=lambda gap: -gap.times))))
        else:
            self._body.show((self.tab, None, tuple(await self.visit.ask(revision_views.items, ItemKind(self.tab), self.words)), ()))
        self._search.set_visibility(self.tab in self.kinds)
        self._body.box.set_visibility(self.tab != "words")

    async def _load_words(self) -> None:
        if self._lexicon is None:
            with self._words:
                ui.label("词库里的词随下次训练进去；小区和活动的叫法，训练后小邻就听得出。").classes("muted")
                self._lexicon = Words(self.visit, self.load)
        await self._lexicon.refresh()

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    def _draw_tabs(self, shown: tuple[str, int, tuple[tuple[ItemKind, int], ...]]) -> None:
        _, waiting, numbers = shown
        names = {"wait": f"等着看 {waiting}" if waiting else "等着看"}
        names |= {str(kind): f"{KIND_NAMES[kind]} {number}" for kind, number in numbers}
        if self.teaches:
            names["words"] = "词库"
        if any(kind is not ItemKind.DANGER for kind, _ in numbers):
            names["gaps"] = "没答上的"
        with ui.element("div").classes("filters"), ui.element("div").classes("tabs"):
            for key, name in names.items():
                button = ui.element("button").classes("tab").props(f'type="button" aria-pressed="{str(key == self.tab).lower()}"')
                with button:
                    ui.label(name)
                button.on("click", self.visit.handler(partial(self._pick, key)), args=[])

    async def _pick(self, key: str) -> None:
        self.tab, self.words = key, ""
        self._box.value = ""
        ui.navigate.history.replace(f"{PAGE}?tab={key}")
        await self.load()

    def _draw_search(self) -> None:
        with self._search:
            self._box = ui.input(placeholder="搜标题、问法、正文", value=self.words).props("outlined dense clearable").classes("kn-box")

            async def find() -> None:
                self.words = str(self._box.value or "")
                await self.load()

            self._box.on("keydown.enter", self.visit.handler(find), args=[])
            act_button(self.visit, "搜", find, "outline")
            new = ui.button("新写一条", on_click=self.visit.handler(self._new)).props("unelevated no-caps").classes("form-sure")
            new.bind_visibility_from(self, "tab", lambda tab: tab in (ItemKind.ANSWER, ItemKind.GUIDE))

    async def _new(self) -> None:
        ui.navigate.to(f"{PAGE}/{self.tab}/new")

    def _draw(self, shown: tuple[str, Page | None, tuple[ItemLine, ...], tuple[Gap, ...]]) -> None:
        tab, page, lines, gaps = shown
        if page is not None:
            self._draw_waiting(page)
        elif tab == "gaps":
            self._draw_gaps(gaps)
        else:
            self._draw_items(lines)

    # --- what waits ------------------------------------------------------------------------------------------------------

    def _draw_waiting(self, page: Page) -> None:
        if not page.proposed:
            empty("没有等着看的改动。", "task_alt")
        for one in page.proposed:
            self._draw_proposed(one)
        if page.due:
            ui.label(f"要重新核对的 {len(page.due)}条").classes("section spaced")
            with ui.element("div").classes("views"):
                for line in page.due[:SHOWN]:
                    self._item(line)
        if page.recent:
            ui.label("最近的改动").classes("section spaced")
            with ui.element("div").classes("views"):
                for one in page.recent:
                    self._draw_past(one)

    def _draw_proposed(self, one: RevisionView) -> None:
        with ui.element("div").classes("cand").props(f'data-revision="{one.id}"'):
            with ui.element("div").classes("sides-head"):
                ui.label(f"{one.kind_name} · {one.title}").classes("section")
                ui.label(f"{one.by} {local(one.at):%m-%d %H:%M}：{one.why}").classes("muted")
            draw_differences(one)
            for text in one.look:
                ui.label(text).classes("kn-look")
            with ui.element("div").classes("kn-acts"):
                if one.may_judge:
                    act_button(self.visit, "通过，马上用", partial(self._approve, one), "unelevated")
                    act_button(self.visit, "不通过", partial(self._ask_no, one), "outline")
                elif one.mine:
                    ui.label("等另一位看。").classes("muted")
                    act_button(self.visit, "撤回", partial(self._withdraw, one), "flat")
                else:
                    who = "律师或运维" if one.kind is ItemKind.ANSWER else "运维"
                    ui.label(f"等{who}来看。").classes("muted")
                ui.link("打开这一条", f"{PAGE}/{one.kind}/{quote(one.code)}").classes("textlink")

    async def _approve(self, one: RevisionView) -> None:
        await self.visit.ask(revisions.approve, one.id)
        self.visit.tell("通过了，半分钟内居民问到的就是新的。", "positive")
        await self.refresh()

    def _ask_no(self, one: RevisionView) -> None:
        async def act(said: str) -> str:
            await self.visit.ask(revisions.refuse, one.id, said)
            return "告诉写的人了。"

        self.asker.ask_words(f"不通过“{one.title}”", "为什么", "不通过", "写的人会看到，好改了再提。", 300, act)

    async def _withdraw(self, one: RevisionView) -> None:
        await self.visit.ask(revisions.refuse, one.id)
        await self.refresh()

    def _draw_past(self, one: RevisionView) -> None:
        with ui.element("a").props(f'href="{PAGE}/{one.kind}/{quote(one.code)}"').classes("kn-row"):
            with ui.element("div").classes("kn-what"):
                ui.label(one.title).classes("v-name")
                ui.label(f"{one.by}：{one.why}").classes("muted")
            with ui.element("div").classes("kn-tags"):
                tag(one.state_name, TONES[one.state])
            second = f"{one.second} " if one.second else ""
            ui.label(f"{second}{local(one.decided_at or one.at):%m-%d %H:%M}").classes("v-at")

    # --- entries ---------------------------------------------------------------------------------------------------------

    def _draw_items(self, lines: tuple[ItemLine, ...]) -> None:
        if not lines:
            empty("没有找到。换个词，或者新写一条。", "search_off")
            return
        with ui.element("div").classes("views"):
            for line in lines[:SHOWN]:
                self._item(line)
        if len(lines) > SHOWN:
            ui.label(f"还有{len(lines) - SHOWN}条，搜一下更快。").classes("muted kn-more")

    def _item(self, line: ItemLine) -> None:
        with ui.element("a").props(f'href="{PAGE}/{line.kind}/{quote(line.code)}" data-item="{line.code}"').classes("kn-row"):
            with ui.element("div").classes("kn-what"):
                ui.label(line.title).classes("v-name")
                ui.label(" · ".join(filter(None, (topic_name(line.kind, line.topic), line.owner)))).classes("muted")
            with ui.element("div").classes("kn-tags"):
                for name, tone in (STATES[line.state], DUES[line.due]):
                    if name:
                        tag(name, tone)
            checked = f"{line.checked_on}核对" if line.checked_on else ""
            ui.label(f"{line.expires_on}到期" if line.due else checked).classes("v-at")

    # --- what nobody answered --------------------------------------------------------------------------------------------

    def _draw_gaps(self, gaps: tuple[Gap, ...]) -> None:
        ui.label("近90天居民问过、没有答上或被说没用的话，同样的合在一起，问得多的在前。姓名、电话等已经盖掉。").classes("muted")
        if not gaps:
            empty("居民问的都有着落。", "task_alt")
            return
        with ui.element("div").classes("views spaced"):
            for gap in gaps[:SHOWN]:
                with ui.element("div").classes("kn-row kn-gap"):
                    with ui.element("div").classes("kn-what"):
                        ui.label(gap.texts[0]).classes("v-name")
                        for text in gap.texts[1:3]:
                            ui.label(text).classes("muted")
                        if gap.about:
                            ui.label(f"给了“{gap.about}”，被说没用").classes("muted")
                    with ui.element("div").classes("kn-tags"):
                        tag("问法律" if gap.kind is ItemKind.ANSWER else "问办事")
                        ui.label(f"{gap.times}次").classes("v-name")
                        if gap.useless and not gap.about:
                            tag(f"{gap.useless}次说没用", "u-high")
                    with ui.element("div").classes("l-acts"):
                        act_button(self.visit, "补上", partial(self._mend, gap), "outline dense")

    async def _mend(self, gap: Gap) -> None:
        """Either another wording of what is there, or something new."""
        try:
            now = await self.visit.ask(knowledge_gaps.answers_now, gap.kind, gap.texts[0])
        except Unavailable:
            now = Now()  # one may write something new all the same
        self._choose(gap, now)

    def _choose(self, gap: Gap, now: Now) -> None:
        ask = quote(gap.texts[0])
        dialog = self.asker.dialog
        dialog.clear()
        with dialog, ui.element("div").classes("form"):
            ui.label("补上这句").classes("form-title")
            ui.label(gap.texts[0])
            if now.hits:
                ui.label("已经有差不多的，把这句加进它的问法：").classes("muted")
            for hit in now.hits:
                ui.link(hit.title, f"{PAGE}/{gap.kind}/{quote(hit.code)}?ask={ask}").classes("textlink kn-choice")
            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=dialog.close).props("flat no-caps")
                to = f"{PAGE}/{gap.kind}/new?ask={ask}"
                ui.button("新写一条", on_click=lambda: ui.navigate.to(to)).props("unelevated no-caps").classes("form-sure")
        dialog.open()


@ui.page(PAGE, title="知识 · 邻舍工作台", response_timeout=20)
async def knowledge_page(request: Request, tab: str = "wait", q: str = "") -> None:
    visit = Visit.of(request)
    with shell(visit, "knowledge", "知识") as frame:
        try:
            page = KnowledgePage(frame, visit, tab, q[:60])
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh).models = True
