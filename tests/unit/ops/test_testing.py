"""The summary of `make test`: counts, reasons, and an exit code that cannot be misread."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from ops import testing
from ops.testing import Result

REPORT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="no">x</failure></testcase>
<testcase name="c"><error message="worse">x</error></testcase>
<testcase name="d"><skipped message="PostgreSQL is not installed"/></testcase>
<testcase name="e"><skipped message="PostgreSQL is not installed"/></testcase>
</testsuite></testsuites>"""


def test_a_report_is_counted_with_the_reasons_of_what_was_skipped(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    result = testing.read_junit(tmp_path / "report.xml")
    assert (result.passed, result.failed, result.skipped) == (1, 2, 2)
    assert result.reasons == {"PostgreSQL is not installed": 2}


def test_the_last_line_sums_up_and_one_failure_fails_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    shown = io.StringIO()
    report = Result(passed=1, skipped=1)
    report.reasons["no browser"] = 1
    code = testing.summary(
        Console(file=shown, width=80), {"ruff": Result(passed=1), "unit": report, "e2e": Result(2, 1)}
    )
    assert code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 1 failed, 1 skipped"
    assert "skipped 1: no browser" in shown.getvalue()
    assert testing.summary(Console(file=shown), {"unit": Result(passed=3)}) == 0


def test_the_tests_never_see_the_settings_of_a_living_city(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "LINSHE_SECRET_KEY", "LINSHE_MODE", "LINSHE_TEST_CHROMIUM"):
        monkeypatch.setenv(name, "x")
    env = testing.clean_environment()
    assert {name for name in env if name.startswith("LINSHE_") or name.endswith("_URL")} == {"LINSHE_TEST_CHROMIUM"}


def test_an_unknown_step_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert testing.main(["no-such-step"]) == 2
    assert "There are: lint, ruff" in capsys.readouterr().out
