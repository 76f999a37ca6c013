"""No table forgets a resident's wish to be forgotten: every column that points at one has a rule."""

from __future__ import annotations

from chinese.masking import building_of, mask
from community.model.retention import LOOSE, NOT_RESIDENTS, RULES, Fate
from community.store.tables import metadata


def references() -> set[str]:
    """'table.column' of all that points at a resident: by foreign key, or by a name that does so without one."""
    found = set()
    for table in metadata.tables.values():
        for column in table.columns:
            by_key = any(key.target_fullname == "residents.id" for key in column.foreign_keys)
            by_name = column.name in LOOSE and not column.foreign_keys
            if by_key or by_name:
                found.add(f"{table.name}.{column.name}")
    return found


def test_every_column_that_points_at_a_resident_says_what_becomes_of_it_when_they_leave() -> None:
    undeclared = references() - set(RULES) - set(NOT_RESIDENTS)
    assert undeclared == set(), f"declare in community/model/retention.py what becomes of {sorted(undeclared)}"


def test_no_rule_is_for_a_column_that_is_not_there() -> None:
    assert {key for key in RULES if key.split(".")[1] not in metadata.tables[key.split(".")[0]].columns} == set()
    assert {
        f"{key}: {name}"
        for key, rule in RULES.items()
        for name in [*rule.texts, *([rule.who[0]] if rule.who else [])]
        if name not in metadata.tables[key.split(".")[0]].columns
    } == set()


def test_what_is_kept_says_why_and_what_is_cut_may_be_empty() -> None:
    assert [key for key, rule in RULES.items() if rule.fate is Fate.SHELL and not rule.why] == []
    cut = [key.split(".") for key, rule in RULES.items() if rule.fate is Fate.CUT]
    assert all(metadata.tables[table].columns[column].nullable for table, column in cut)


def test_numbers_names_and_rooms_leave_the_words_and_the_matter_stays() -> None:
    said = "我是李秀英，电话13800001234，身份证330683195001011234，剡溪花园3幢2单元502厕所漏水"
    left = mask(said, ["李秀英"], ["剡溪花园3幢2单元502室"])
    assert "李秀英" not in left
    assert not any(secret in left for secret in ("1380000", "330683", "502"))
    assert "剡溪花园3幢" in left
    assert "厕所漏水" in left


def test_a_place_without_a_room_stays_as_it_is() -> None:
    assert building_of("剡溪花园3幢2单元502室") == "剡溪花园3幢"
    assert building_of("剡溪花园3幢") == "剡溪花园3幢"
    assert building_of("东门广场") == "东门广场"
