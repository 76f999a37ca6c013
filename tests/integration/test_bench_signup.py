"""The bench of the rush tells the truth about a small one."""

from __future__ import annotations

import argparse

from ops.bench import signup


def test_thirty_people_for_five_places_are_counted_and_their_order_is_proved() -> None:
    asked = argparse.Namespace(people=30, places=5, seconds=0.1, seed=3, sqlite_only=True)
    found = signup.run(asked)
    assert (found["admitted"], found["waitlisted"], found["order_kept"]) == (5, 25, True)
    assert found["sqlite"]["p50_ms"] <= found["sqlite"]["p99_ms"]
