"""What the browser is given comes from here and keeps the look's rules."""

from __future__ import annotations

import re

from console.layout import PLACES, STATIC, asset


def test_nothing_static_points_outside() -> None:
    for file in STATIC.iterdir():
        addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", file.read_text(encoding="utf-8"))
        assert [a for a in addresses if "www.w3.org" not in a] == [], file.name


def test_no_text_is_smaller_than_fifteen_pixels_on_a_phone() -> None:
    css = (STATIC / "console.css").read_text(encoding="utf-8")
    phone = css[css.index("@media (max-width: 899px)") :]
    small = {float(size) for size in re.findall(r"font-size: ([\d.]+)px", phone) if float(size) < 15}
    assert small <= {13.0, 14.0}, "only the number in a badge and the letter of an avatar may be smaller"


def test_an_asset_has_another_address_when_it_changes() -> None:
    assert re.fullmatch(r"/static/console\.css\?\d+", asset("console.css"))


def test_there_are_few_enough_places_for_a_bar_below() -> None:
    assert 2 <= len(PLACES) <= 5
