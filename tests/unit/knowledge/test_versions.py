"""What is in force when: the rules, on a small file that errs like the real one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from community.errors import ConfigError, InvalidInput
from community.knowledge.corrections import Corrections, StatuteFix, TextFix, load_corrections
from community.knowledge.versions import Version, compute_versions
from community.knowledge.wheel import RawArticle, clean_articles, find_wheel, kind_of, read_wheel
from tests.unit.knowledge.small_wheel import SmallWheel, china

LAND = StatuteFix("中华人民共和国农村土地承包法", date(2018, 12, 29), "in force", in_force=True)
TODAY = date(2026, 11, 23)


@pytest.fixture
def versions(tmp_path: Path) -> list[Version]:
    corrections = Corrections(statutes=(LAND,))
    return compute_versions(read_wheel(china(tmp_path / "laws.db").write(), corrections), corrections)[0]


def in_force(versions: list[Version], name: str, day: date) -> list[str]:
    return [v.raw.source_id for v in versions if v.raw.name == "中华人民共和国" + name and v.in_force(day)]


def test_a_code_begins_and_ends_what_it_repeals_on_the_same_day(versions: list[Version]) -> None:
    starts = date(2026, 8, 15)
    for day, code, old in ((starts - timedelta(1), [], ["wheel:noise"]), (starts, ["wheel:eco"], [])):
        assert in_force(versions, "生态环境法典", day) == code
        assert in_force(versions, "噪声污染防治法", day) == old


def test_the_repealing_text_is_believed_even_where_the_status_says_in_force(versions: list[Version]) -> None:
    assert in_force(versions, "环境保护法", TODAY) == []
    assert in_force(versions, "环境保护法", date(2026, 8, 14)) == ["wheel:env"]


def test_a_revision_ahead_waits_and_the_older_text_holds_until_then(versions: list[Version]) -> None:
    assert in_force(versions, "商标法", date(2026, 12, 31)) == ["wheel:mark19"]
    assert in_force(versions, "商标法", date(2027, 1, 1)) == ["wheel:mark26"]


def test_a_law_called_repealed_is_in_force_when_a_correction_says_so(versions: list[Version]) -> None:
    assert in_force(versions, "农村土地承包法", TODAY) == ["wheel:land"]


def test_a_law_called_repealed_without_any_date_is_never_shown_and_remarked(tmp_path: Path) -> None:
    wheel = SmallWheel(tmp_path / "laws.db").law("a", "乡镇企业法", "1997-01-01", "1996-10-29", status="已废止")
    versions, remarks = compute_versions(read_wheel(wheel.write(), Corrections()), Corrections())
    assert not versions[0].in_force(date(1997, 1, 1))
    assert "乡镇企业法" in remarks[0]


def test_a_law_called_modified_is_in_force_with_its_newer_amendment_worked_in(versions: list[Version]) -> None:
    before, after = (in_force(versions, "刑法", day) for day in (date(2024, 2, 29), date(2024, 3, 1)))
    assert before == ["wheel:crime"]
    assert after == ["wheel:crime+crime12"]
    texts = {
        v.raw.source_id: {a.label: a.text for a in v.raw.articles}
        for v in versions
        if v.raw.name == "中华人民共和国刑法"
    }
    assert texts["wheel:crime+crime12"]["第三百九十条"] == "对犯行贿罪的，处三年以下。\n多次行贿的，从重处罚。"
    assert texts["wheel:crime+crime12"]["第三百九十一条"] == "新的第一款。\n第二款不变。"
    assert texts["wheel:crime"]["第三百九十一条"] == "旧的第一款。\n第二款不变。"
    assert texts["wheel:crime+crime12"]["第一百二十条"] == texts["wheel:crime"]["第一百二十条"]


def test_an_amendment_that_is_not_understood_changes_nothing_and_is_remarked(tmp_path: Path) -> None:
    wheel = SmallWheel(tmp_path / "laws.db").law("a", "中华人民共和国刑法", "1997-10-01", "2020-12-26")
    wheel.law("b", "中华人民共和国刑法修正案（十三）", "2026-01-01", "2025-12-27", [("条目一", 1, "删去第一条。")])
    versions, remarks = compute_versions(read_wheel(wheel.write(), Corrections()), Corrections())
    assert len(versions) == 2
    assert "not worked into" in remarks[0]


def test_a_version_begins_when_the_decision_that_made_it_does(versions: list[Version]) -> None:
    assert in_force(versions, "食品安全法", date(2025, 11, 30)) == []
    assert in_force(versions, "食品安全法", date(2025, 12, 1)) == ["wheel:food"]


def test_a_law_that_ended_an_older_one_of_its_own_name_does_not_end_itself(versions: list[Version]) -> None:
    assert in_force(versions, "工会法", TODAY) == ["wheel:union"]


def test_a_correction_may_set_beginning_and_end(tmp_path: Path) -> None:
    fix = StatuteFix("甲法", date(2020, 1, 1), "x", in_force_from=date(2020, 7, 1), repealed_on=date(2021, 7, 1))
    corrections = Corrections(statutes=(fix,))
    wheel = SmallWheel(tmp_path / "laws.db").law("a", "甲法", "2019-01-01", "2020-01-01").write()
    [version] = compute_versions(read_wheel(wheel, corrections), corrections)[0]
    days = [date(2020, 6, 30), date(2020, 7, 1), date(2021, 6, 30), date(2021, 7, 1)]
    assert [version.in_force(day) for day in days] == [False, True, True, False]


def test_at_most_one_version_of_a_law_is_in_force_on_any_day(versions: list[Version]) -> None:
    for day in (date(2024, 3, 1), date(2026, 8, 15), TODAY, date(2027, 1, 1)):
        names = [v.raw.name for v in versions if v.in_force(day)]
        assert len(names) == len(set(names))


def test_a_label_used_twice_takes_its_number_from_the_text_and_keeps_every_word() -> None:
    rows = [
        ("第一条", 1, None, None, "甲。"),
        ("第一条", 1, None, None, "之一　乙。"),
        ("第一条", 1, None, None, "丙。"),
    ]
    assert [(a.label, a.text) for a in clean_articles(rows, [])] == [
        ("第一条", "甲。"),
        ("第一条之一", "乙。"),
        ("第一条（2）", "丙。"),
    ]


def test_headings_at_the_end_of_a_text_become_the_place_of_what_follows(versions: list[Version]) -> None:
    [civil] = [v.raw for v in versions if v.raw.name.endswith("民法典")]
    assert civil.articles[1].text == "期间依照本法。"
    assert civil.articles[2].chapter == "第二编 物权 第一分编 通则 第一章 总则"


def test_a_swallowed_article_is_cut_out_and_says_that_its_beginning_is_missing() -> None:
    fixes = [
        TextFix("法", "broken pages", broken_lines=True),
        TextFix("法", "swallowed", label="第一条", cut_at="管部门处罚", rest="第二条", prefix="……"),
    ]
    rows = [("第一条", 1, None, None, "违反本法的，由主\n管部门罚款。\n管部门处罚 ：\n（一）甲；")]
    corrections = Corrections(texts=tuple(fixes))
    assert clean_articles(rows, corrections.texts_of("法")) == [
        RawArticle("第一条", 1, "", "违反本法的，由主管部门罚款。"),
        RawArticle("第二条", 2, "", "……管部门处罚：\n（一）甲；"),
    ]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("中华人民共和国宪法修正案（2018年）", "宪法", "修正案"),
        ("全国人大常委会关于修改《甲法》的决定", "法律", "修改决定"),
        ("全国人大常委会关于设立海事法院的决定", "法律", "决定"),
        ("中华人民共和国民法典", "法律", "法律"),
    ],
)
def test_the_name_decides_what_kind_of_text_it_is(name: str, kind: str, expected: str) -> None:
    assert kind_of(name, kind) == expected


def test_a_missing_file_says_which_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="LINSHE_LAWS_DB"):
        find_wheel(tmp_path / "no.db")


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "laws.db"
    path.write_text("not a database, long enough to look like one " * 20)
    with pytest.raises(InvalidInput, match=r"laws\.db"):
        read_wheel(path, Corrections())


def test_every_correction_of_the_project_has_a_reason_and_is_read() -> None:
    corrections = load_corrections()
    assert corrections.statutes
    assert corrections.texts
    assert all(fix.reason for fix in corrections.statutes)
    assert all(fix.reason for fix in corrections.texts)


def test_a_correction_without_a_reason_is_refused(tmp_path: Path) -> None:
    (tmp_path / "statute_corrections.yml").write_text(
        "statutes:\n- {law: 甲法, version_on: 2020-01-01, in_force: true, reason: ''}\n"
    )
    with pytest.raises(InvalidInput, match="reason"):
        load_corrections(tmp_path)
