"""Notes as rows: where, what, when to go again. Used by the list, by a household's history and by the start page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nicegui import ui

from community.model.calendar import local
from community.model.diary import day_name
from community.services.diary import NoteView
from console.parts import tag
from console.words import short_time


def visit_text(note: NoteView, now: datetime) -> tuple[str, str]:
    """(what to say of the visit that is meant, its tone): 今天回访, 12月2日（周三）回访, 已回访 昨天 10:00."""
    if note.followed_at is not None:
        return f"已回访 {short_time(note.followed_at, now)}", "over"
    if note.follow_up is None:
        return "", ""
    day = day_name(note.follow_up, local(now).date())
    if note.late:
        return f"{day}该回访", "late"
    return f"{day}回访", "soon" if note.follow_up == local(now).date() else "calm"


def rows(notes: Sequence[NoteView], now: datetime, *, writer: bool) -> None:
    for note in notes:
        row(note, now, writer=writer)


def row(note: NoteView, now: datetime, *, writer: bool) -> None:
    visit, tone = visit_text(note, now)
    with ui.element("a").props(f'href="/diary/{note.id}" data-note="{note.id}"').classes(f"nrow due-{tone}"):
        with ui.element("div").classes("n-where"):
            ui.label(note.place_text or "没有写地点").classes("n-place" if note.place_text else "muted")
            if note.who:
                ui.label(note.who).classes("muted")
        with ui.element("div").classes("n-what"):
            ui.label(note.words).classes("n-words")
            if note.need or note.ticket:
                with ui.element("div").classes("n-more"):
                    if note.need:
                        ui.label(f"需要：{note.need}").classes("n-need")
                    if note.ticket:
                        tag(f"工单 {note.ticket}", "s-work")
        ui.label(visit).classes(f"n-visit {tone}")
        with ui.element("div").classes("n-when"):
            ui.label(short_time(note.at, now))
            if writer:
                ui.label(note.writer)
