"""The desk's bench asks about a city like the one it says, and does not touch somebody else's."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from sqlalchemy import func, select

from community.model.ticket import OPEN
from community.ports import Community
from community.store import tables as t
from ops.bench import big_city, desk, postgres
from tests.small_city import SmallCity

SIZES = {"COMMUNITIES": 2, "STREETS": 1, "COMPANIES": 1, "HOT": 1, "RESIDENTS": 60}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in SIZES.items():
        monkeypatch.setattr(big_city, name, size)


def arguments(url: str, *more: str) -> argparse.Namespace:
    return desk.parser().parse_args(["--tickets", "600", "--rounds", "2", "--database", url, *more])


async def test_every_question_finds_something_and_the_same_city_is_used_again(database_url: str, tmp_path: Path) -> None:
    first = await desk.measure(arguments(database_url), database_url, tmp_path / "var")
    assert len(first["queries"]) >= 30
    for name, by in first["queries"].items():
        assert set(by) == set(desk.MEMBERS)
        assert all(0 < of["p50_ms"] <= of["p99_ms"] <= of["max_ms"] for of in by.values())
        if name in ("inbox", "mine", "ended", "number", "phone", "words, frequent", "hot estate", "map's counts"):
            assert by["city" if name != "mine" else "grid"]["found"] > 0, name
    assert "tickets_s" in first["written"]
    again = await desk.measure(arguments(database_url, "--only", "ended"), database_url, tmp_path / "var")
    assert "tickets_s" not in again["written"]
    assert again["queries"]["ended"]["city"]["found"] == first["queries"]["ended"]["city"]["found"]


async def test_a_city_of_people_is_left_alone(community: Community, city: SmallCity, database_url: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not empty"):
        await desk.measure(arguments(database_url), database_url, tmp_path / "bench")
    async with community.reading() as uow:
        assert await uow.session.scalar(select(func.count()).select_from(t.residents)) == 5  # type: ignore[attr-defined]


def test_three_of_a_hundred_are_open_and_what_happened_is_in_order() -> None:
    from random import Random

    from community.store.vault import SecretVault

    random = Random(1)
    made = big_city.build(random, SecretVault("x" * 32), lambda line: None)
    rows = [dict(zip(big_city.TICKET_COLUMNS, row, strict=True)) for row in big_city.Tickets(random, made, 20_000).rows()]
    assert 0.02 < sum(row["status"] in OPEN for row in rows) / len(rows) < 0.045
    for row in rows:
        steps = [row[name] for name in ("created_at", "accepted_at", "resolved_at", "ended_at") if row[name]]
        assert steps == sorted(steps)
        assert steps[-1] <= big_city.NOW
    hot = sum(row["estate_id"] in made.hot for row in rows) / len(rows)
    assert hot > 3 / (len(made.estates))


def test_a_missing_server_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres.Path, "glob", lambda *_: iter(()))
    monkeypatch.setattr(postgres.shutil, "which", lambda _: None)
    with pytest.raises(RuntimeError, match="apt-get install postgresql"):
        postgres.binaries()
