"""The last 民主评议 of property companies, as a card among the figures."""

from __future__ import annotations

from nicegui import ui

from community.services.property_reviews import Review


def draw_reviews(reviews: tuple[Review, ...]) -> None:
    if not reviews:
        return
    ui.label("物业民主评议（住户打分，满分5分）").classes("section")
    for one in reviews:
        before = "" if one.before is None else f"，上次{one.before:.2f}"
        ui.label(f"{one.company}　{one.mean:.2f}分{before}").classes("n-place")
        ui.label(f"{one.community} · {one.day:%Y-%m-%d} · {one.households}户").classes("muted")
        for title, mean in one.items:
            with ui.element("div").classes("d-votes"):
                ui.label(title)
                with ui.element("div").classes("d-bar"):
                    ui.element("div").classes("d-fill").style(f"width: {mean / 5:.0%}")
                ui.label(f"{mean:.2f}").classes("d-when")
