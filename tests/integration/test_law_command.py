"""`./linshe laws import FILE`, `laws list`, `laws flags`, `laws remove`, as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli.laws import app


def test_an_operator_imports_looks_and_takes_back(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("DATABASE_URL", sqlite_url), ("LINSHE_VAR", str(tmp_path / "var")), ("LINSHE_REGION", "浙江/杭州")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object, code: int = 0) -> str:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == code, result.output
        return result.output

    row = {"law": "浙江省养鸽条例", "version": "2020-05-01", "scope": "浙江", "art": 1, "text": "养鸽应当登记。"}
    good, bad = tmp_path / "a" / "good.jsonl", tmp_path / "a" / "bad.jsonl"
    good.parent.mkdir()
    good.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    bad.write_text("{", encoding="utf-8")
    assert "nothing was kept" in run("import", good, "--dry-run")
    assert "None." in run("list")
    said = run("import", good.parent, code=1)
    assert "bad.jsonl:1:" in said
    assert "1 of 2 files refused" in said
    assert "0 changed" in run("import", good)
    assert "现行有效, 2020-05-01 to …, 地方性法规, 浙江省" in run("list")
    assert "No curated answer" in run("flags")
    assert "没有待核对" in run("flags", "clear", "none", "--by", "王", "--why", "看过", code=1)
    assert "--scope 月球?" in run("import", good, "--scope", "月球?", code=1)
    assert "is taken out" in run("remove", "浙江省养鸽条例", "--version", "2020-05-01")
    assert "None." in run("list")
