"""Where reports are one trouble, and what of a broadcast is a reporter's."""

from __future__ import annotations

import pytest

from community.model.category import Category
from community.model.incident import area_of, quotation, reach_of
from community.model.place import Place, PlaceKind

KINDS = (PlaceKind.ROOM, PlaceKind.UNIT, PlaceKind.BUILDING)
ROOM, UNIT, BUILDING = (Place(n, n + 1, kind, str(n), str(n)) for n, kind in enumerate(KINDS))
CHAIN = [ROOM, UNIT, BUILDING]


@pytest.mark.parametrize(("category", "chain", "area", "reach"), [
    (Category.WATER_SUPPLY, CHAIN, BUILDING, BUILDING),
    (Category.WATER_SUPPLY, [BUILDING], BUILDING, BUILDING),
    (Category.ELEVATOR, CHAIN, UNIT, UNIT),
    (Category.ELEVATOR, [BUILDING], None, BUILDING),  # which lift is not said
    (Category.LEAK, CHAIN, None, BUILDING),
    (Category.POWER, [], None, None),
])  # fmt: skip
def test_the_area_is_the_building_or_the_unit(
    category: Category, chain: list[Place], area: Place | None, reach: Place | None
) -> None:
    assert (area_of(category, chain), reach_of(category, chain)) == (area, reach)


SAID = ("剡溪花园3幢停水了，我家婴儿要冲奶粉", "没水")


@pytest.mark.parametrize(("text", "found"), [
    ("有住户说我家婴儿，要冲奶粉，请大家理解", "我家婴儿要冲奶粉"),
    ("剡溪花园3幢停水水压问题已知", ""),  # the place and the category are everybody's
    ("3幢没水，物业在修", ""),
    ("婴儿冲奶粉的水可到社区接", ""),
    ("", ""),
])  # fmt: skip
def test_a_quotation_is_a_run_of_their_own_words(text: str, found: str) -> None:
    assert quotation(text, SAID, ("剡溪花园3幢", "停水水压")) == found


def test_words_around_a_name_do_not_become_one_run() -> None:
    assert quotation("请到门口剡溪花园3幢接水处", ("请到门口接水处",), ("剡溪花园3幢",)) == ""
