"""Where a click on the map lands, and where a grid's number is written."""

from __future__ import annotations

from community.model.shapes import Polygon, bounds, centre, contains

SQUARE: Polygon = (((0, 0), (0, 4), (4, 4), (4, 0), (0, 0)),)
WITH_HOLE: Polygon = (*SQUARE, ((1, 1), (1, 2), (2, 2), (2, 1), (1, 1)))
FAR: Polygon = (((30, 120), (30, 120.001), (30.001, 120.001), (30.001, 120), (30, 120)),)


def test_a_click_in_a_grid_is_in_it_and_beside_it_is_not() -> None:
    assert contains((SQUARE,), (1, 3))
    assert not contains((SQUARE,), (5, 3))
    assert not contains((SQUARE,), (3, -1))


def test_a_hole_is_not_in_the_grid_around_it() -> None:
    assert not contains((WITH_HOLE,), (1.5, 1.5))
    assert contains((WITH_HOLE,), (3, 3))


def test_a_grid_in_two_pieces_is_both() -> None:
    pieces = (SQUARE, FAR)
    assert contains(pieces, (30.0005, 120.0005))
    assert contains(pieces, (1, 1))


def test_a_number_is_written_in_the_middle_of_the_largest_piece() -> None:
    assert centre((FAR, SQUARE)) == (2, 2)
    lat, lng = centre((FAR,))
    assert abs(lat - 30.0005) < 1e-9
    assert abs(lng - 120.0005) < 1e-9


def test_the_map_shows_all_of_it() -> None:
    assert bounds([(SQUARE,), (FAR,)]) == ((0, 0), (30.001, 120.001))
    assert bounds([]) is None
