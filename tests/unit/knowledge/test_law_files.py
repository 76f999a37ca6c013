"""Laws out of JSONL, Markdown and documents: read whole, or refused with file and line. All statutes here are made up."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest

from community.errors import InvalidInput
from community.knowledge.law_dates import kind_of_text, read_made_on, where_it_holds
from community.knowledge.law_diff import compare, word_diff
from community.knowledge.law_files import find_files, read_file
from community.knowledge.law_lines import ReadLaw
from community.knowledge.names import NameBook
from community.knowledge.wheel import RawArticle
from community.model.law import level_of
from community.model.region import holds_in, read_scope, scope_in_name

PIGEONS = """# 杭州市养鸽管理条例

（2020年5月28日杭州市第十三届人民代表大会常务委员会第二次会议通过　2020年9月24日浙江省第十三届人民代表大会常务委员会批准
根据2023年6月1日《关于修改〈杭州市养鸽管理条例〉的决定》修正）

## 目　录
第一章　总　则
第二章　鸽　舍
附　则

## 第一章　总　则

**第一条** 为了规范养鸽，制定本条例。

**第二条**　本条例所称养鸽，是指：
（一）为了观赏；
- （二）为了比赛。
第一条规定的目的不变。

## 第二章　鸽　舍
### 第一节　登　记
**第二条之一**　鸽舍应当登记。
第三条　鸽舍不得占用楼道。

## 附　则
第四条 本条例自2021年1月1日起施行。
"""
DOCUMENT = [
    "中华人民共和国", "邻里法", "（1999年3月1日第九届全国人民代表大会第二次会议通过　根据2024年10月30日第十四届全国人民代表大会"
    "常务委员会第十二次会议修订　自2025年1月1日起施行）", "目　　录", "第一章　总则", "第二章　相处", "第一章　总则",
    "第一条　邻里应当和睦。", "第二条　有下列情形之一的，应当道歉：\n（一）半夜唱歌；\n（二）楼道堆物。", "第二章　相处",
    "第三条　见面问好。", "问好不收费。", "第四条　本法自1999年5月1日起施行。", "附件：", "问好用语表",
]  # fmt: skip


def markdown(folder: Path, text: str, name: str = "x.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def document(folder: Path, paragraphs: list[str], name: str = "x.docx") -> Path:
    made = docx.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.save(str(folder / name))
    return folder / name


def rows(folder: Path, *rows: Any, name: str = "x.jsonl") -> Path:
    return markdown(folder, "\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows), name)


def row(art: int, text: str = "正文。", **more: Any) -> dict[str, Any]:
    return {"law": "浙江省养鸽条例", "version": "2020-05-01", "scope": "浙江", "art": art, "text": text, **more}


def one(path: Path, **options: Any) -> ReadLaw:
    (law,) = read_file(path, **options)
    return law


def test_markdown_is_read_with_dates_chapters_items_and_articles_put_in_between(tmp_path: Path) -> None:
    law = one(markdown(tmp_path, PIGEONS))
    assert (law.name, law.scope, law.kind) == ("杭州市养鸽管理条例", "浙江省/杭州市", "地方性法规")
    assert (law.version_on, law.effective_on, law.begins_on) == (date(2023, 6, 1), date(2021, 1, 1), date(2023, 6, 1))
    assert [article.label for article in law.articles] == ["第一条", "第二条", "第二条之一", "第三条", "第四条"]
    assert law.articles[1].text.split("\n")[1:] == ["（一）为了观赏；", "（二）为了比赛。", "第一条规定的目的不变。"]
    assert [article.chapter for article in law.articles] == [
        "第一章 总则", "第一章 总则", "第二章 鸽舍 第一节 登记", "第二章 鸽舍 第一节 登记", "附则",
    ]  # fmt: skip


def test_plain_and_bold_articles_are_read_alike(tmp_path: Path) -> None:
    plain = one(markdown(tmp_path, PIGEONS.replace("**", ""), "plain.md"))
    assert plain == one(markdown(tmp_path, PIGEONS))


def test_a_document_of_the_national_database_is_read(tmp_path: Path) -> None:
    law = one(document(tmp_path, DOCUMENT))
    assert (law.name, law.scope, law.kind) == ("中华人民共和国邻里法", "全国", "法律")
    assert (law.version_on, law.begins_on) == (date(2024, 10, 30), date(2025, 1, 1))
    assert [(a.label, a.chapter) for a in law.articles] == [
        ("第一条", "第一章 总则"), ("第二条", "第一章 总则"), ("第三条", "第二章 相处"), ("第四条", "第二章 相处"), ("附件：", ""),
    ]  # fmt: skip
    assert law.articles[1].text.endswith("（一）半夜唱歌；\n（二）楼道堆物。")
    assert law.articles[2].text == "见面问好。\n问好不收费。"


def test_front_matter_tells_what_the_text_does_not(tmp_path: Path) -> None:
    front = "---\ntitle: 养鸽办法\ndate: 2020-05-01\neffective: 2020-07-01\nscope: 浙江省杭州市\n---\n第一条 养鸽应当登记。\n"
    law = one(markdown(tmp_path, front))
    assert (law.name, law.scope, law.kind) == ("养鸽办法", "浙江省/杭州市", "地方政府规章")
    assert (law.version_on, law.begins_on) == (date(2020, 5, 1), date(2020, 7, 1))


def test_rows_are_grouped_into_versions_and_begin_when_their_last_article_says(tmp_path: Path) -> None:
    laws = read_file(
        rows(
            tmp_path, row(1), row(2, "本条例自2020年9月1日起施行。"), row(1, version="2024-01-01"),
            row(2, "本条例自2020年9月1日起施行。", version="2024-01-01"),
        )
    )  # fmt: skip
    assert [(law.version_on, law.begins_on, len(law.articles)) for law in laws] == [
        (date(2020, 5, 1), date(2020, 9, 1), 2),
        (date(2024, 1, 1), date(2024, 1, 1), 2),
    ]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (["{"], "x.jsonl:1: 不是一行 JSON"),
        ([row(1), "", [1]], "x.jsonl:3: 每一行应当是"),
        ([row(1), row(1)], "x.jsonl:2: 第一条排在第一条之后"),
        ([row(1), row(3)], "x.jsonl:2: 缺少第二条"),
        ([row(2)], "x.jsonl:1: 缺少第一条"),
        ([row(1), row(2, art_cn="第三条")], "x.jsonl:2: art 是 2，art_cn 却是第三条"),
        ([row(1, text=" ")], "x.jsonl:1: text 应当是文字"),
        ([row(1, text=7)], "x.jsonl:1: text 应当是文字"),
        ([row(1, version="去年")], "x.jsonl:1: version 应当是日期"),
        ([row(1, version="2023-02-30")], "x.jsonl:1: version 应当是日期"),
        ([row(1, scope="?")], "x.jsonl:1: 《浙江省养鸽条例》的 scope 看不懂"),
        ([row(0)], "x.jsonl:1: art 应当是条号"),
        ([], "x.jsonl:1: 文件里一条也没有"),
    ],
)
def test_rows_that_cannot_be_understood_are_refused_with_their_line(tmp_path: Path, broken: list[Any], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_file(rows(tmp_path, *broken))
    assert refused.value.message.startswith(said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("**第二条**　", "**第三条**　", "x.md:15: 缺少第二条"),
        ("第三条　鸽舍", "第二条　鸽舍", "x.md:23: 第二条排在第二条之一之后"),
        ("# 杭州市养鸽管理条例\n", "", "x.md:2: 条文前面没有"),
        ("2020年5月28日", "某日", ""),
        ("**第一条** 为了规范养鸽，制定本条例。", "**第一条**", "x.md:13: 第一条没有内容"),
    ],
)
def test_markdown_that_cannot_be_understood_is_refused_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = markdown(tmp_path, PIGEONS.replace(old, new, 1))
    if not said:
        assert one(path).version_on == date(2023, 6, 1)
        return
    with pytest.raises(InvalidInput) as refused:
        read_file(path)
    assert refused.value.message.startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# 杭州市养鸽条例\n\n第一条 养鸽。", "没有写明通过或公布的日期"),
        ("# 养鸽条例\n\n（2020年5月28日通过）\n\n第一条 养鸽。", "看不出在哪里施行"),
        ("# 养鸽日记\n\n今天天气好。", "没有找到条文"),
        ("", "没有找到条文"),
    ],
)
def test_a_text_that_does_not_say_what_it_is_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_file(markdown(tmp_path, text))


def test_what_is_said_on_the_command_line_holds_for_a_text_that_does_not_say(tmp_path: Path) -> None:
    path = markdown(tmp_path, "# 养鸽条例\n\n（2020年5月28日通过）\n\n第一条 养鸽。\n第三条 不养。")
    law = one(path, scope="浙江省杭州市", gaps=True)
    assert (law.scope, len(law.articles)) == ("浙江省/杭州市", 2)
    assert "no date of beginning" in law.remarks[0]


def test_files_of_other_kinds_are_refused_and_folders_are_read_through(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    law = markdown(inner, PIGEONS)
    markdown(inner, "# 说明", "README.md")
    assert find_files([tmp_path, law]) == [law]
    for path in (tmp_path / "none.md", markdown(tmp_path, "", "x.txt")):
        with pytest.raises(InvalidInput):
            find_files([path])
    for bad in (markdown(tmp_path, "no zip", "x.docx"), tmp_path / "x.md"):
        bad.write_bytes(b"\xff\xfe\x00\x81" * 9)
        with pytest.raises(InvalidInput, match=rf"{bad.name}:1"):
            read_file(bad)


def test_text_of_the_older_chinese_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_bytes(PIGEONS.encode("gb18030"))
    assert one(path).name == "杭州市养鸽管理条例"


@pytest.mark.parametrize(
    ("preamble", "made"),
    [
        ("二〇二〇年五月二十八日第三次会议通过", date(2020, 5, 28)),
        ("2003年6月8日国务院令第379号公布 根据2018年3月19日《决定》第三次修订", date(2018, 3, 19)),
        ("2021年8月9日市人大常委会通过 2021年9月29日省人大常委会批准", date(2021, 8, 9)),
        ("2019年1月2日省政府令第1号公布 自2019年3月1日起施行", date(2019, 1, 2)),
        ("没有日子", None),
    ],
)
def test_the_newest_version_is_of_the_day_it_was_passed(preamble: str, made: date | None) -> None:
    assert read_made_on(preamble)[0] == made


@pytest.mark.parametrize(
    ("name", "preamble", "said", "scope"),
    [
        ("杭州市甲条例", "", "浙江", "浙江省/杭州市"),
        ("浙江省甲条例", "", "浙江", "浙江省"),
        ("甲条例", "", "浙江省杭州市", "浙江省/杭州市"),
        ("甲条例", "", "全国", "全国"),
        ("浙江省甲条例", "", "", "浙江省"),
        ("杭州市甲条例", "杭州市第十三届人民代表大会常务委员会通过", "", "杭州市"),
        ("城市甲条例", "国务院令第1号", "", "全国"),
        ("农贸市场条例", "", "浙江", "浙江省"),
        ("甲办法", "公安部令第2号", "", "全国"),
        ("中华人民共和国甲法", "", "", "全国"),
        ("深圳经济特区甲条例", "", "广东", "广东省/深圳市"),
        ("甲条例", "", "", ""),
    ],
)
def test_where_a_text_holds_is_told_by_what_is_said_its_name_or_its_preamble(name: str, preamble: str, said: str, scope: str) -> None:
    assert where_it_holds(name, preamble, said) == scope


def test_a_rule_holds_in_its_own_place_and_nowhere_else() -> None:
    here = read_scope("浙江/杭州")
    assert here == "浙江省/杭州市"
    assert all(holds_in(scope, here) for scope in ("全国", "浙江省", "浙江省/杭州市", "杭州市"))
    assert not any(holds_in(scope, here) for scope in ("江苏省", "浙江省/宁波市", "宁波市", "江苏省/杭州市"))
    assert holds_in("全国", "")
    assert not holds_in("浙江省", "")
    assert scope_in_name("吉林市甲条例") == "吉林市"
    assert [read_scope(said) for said in ("吉林省吉林市", "上海", "x", "")] == ["吉林省/吉林市", "上海市", "", ""]


def test_texts_stand_in_the_order_of_the_legislation_law() -> None:
    texts = [
        ("中华人民共和国宪法", "全国", ""), ("中华人民共和国甲法", "全国", ""), ("最高人民法院关于甲的解释", "全国", ""),
        ("甲条例", "全国", ""), ("浙江省甲条例", "浙江省", ""), ("杭州市甲条例", "浙江省/杭州市", ""),
        ("浙江省甲办法", "浙江省", "省政府令"), ("杭州市甲办法", "浙江省/杭州市", "市政府令"),
    ]  # fmt: skip
    levels = [level_of(kind_of_text(name, scope, preamble), scope) for name, scope, preamble in texts]
    assert levels == sorted(levels)
    assert len(set(levels)) == len(levels)


def test_a_change_is_shown_in_words_with_what_is_around_it() -> None:
    assert word_diff("应当在三十日内答复。", "应当在十五日内答复。") == "应当在[-三十日-]{+十五日+}内答复。"
    long = "本条例适用于本市行政区域内的饲养活动以及其他各种各样与之有关的一切活动，"
    assert word_diff(long + "罚一百元。", long + "罚二百元。").startswith("……")


def test_an_article_that_only_got_another_number_is_neither_new_nor_gone() -> None:
    old = [RawArticle("第一条", 1, "", "甲。"), RawArticle("第二条", 2, "", "乙。"), RawArticle("第三条", 3, "", "丙。")]
    new = [RawArticle("第一条", 1, "", "甲。"), RawArticle("第二条", 2, "", "新。"), RawArticle("第三条", 3, "", "乙。"),
           RawArticle("第四条", 4, "", "丁。")]  # fmt: skip
    diff = compare(old, new)
    assert diff.moved == [("第二条", "第三条")]
    assert (diff.added, [c.label for c in diff.changed], diff.removed) == (["第二条", "第四条"], [], ["第三条"])
    assert not compare(old, [RawArticle(a.label, a.number, "第一章", f" {a.text} ") for a in old])


def test_a_local_rule_goes_by_its_short_name_unless_a_higher_text_has_it() -> None:
    book = NameBook(["物业条例", "浙江省养鸽条例", "杭州市物业条例", "最高人民法院关于审理养鸽纠纷案件适用法律若干问题的解释"])
    assert book.find("物业条例") == "物业条例"
    assert book.find("我市物业条例") == book.find("杭州物业条例") == "杭州市物业条例"
    assert book.find("养鸽条例") == book.find("本省养鸽条例") == "浙江省养鸽条例"
    assert [book.find(f"{place}物业条例") for place in ("江苏省", "宁波市", "江苏", "西湖区", "我们小区")] == [None] * 4 + ["物业条例"]
    assert [book.find(f"{place}养鸽条例") for place in ("江苏省", "宁波")] == [None, None]
    assert str(book.find("养鸽纠纷司法解释")).startswith("最高人民法院")
