"""Choices that are tapped need not be read twice."""

from __future__ import annotations

from community.model.delivery import Envelope


def without_choices(envelope: Envelope) -> str:
    """The text without the lines that only repeat the choices below it."""
    lines = {f"{b.get('digit', str(place))} {b['title']}" for place, b in enumerate(envelope.buttons, 1)}
    kept = [line for line in envelope.text.split("\n") if line.strip() not in lines]
    return "\n".join(kept).strip() or "请选："
