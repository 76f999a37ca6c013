"""Every way people name an article is read; money, telephones, dates, numbers of tickets and what is merely counted are not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinese.laws import MOST_IN_RANGE, article_label, find_citations, find_laws
from chinese.numerals import to_chinese
from community.model.law import Citation

LABOUR = "劳动合同法"

Named = tuple[str, str]


def of(law: str, *numbers: int) -> list[Named]:
    return [(law, article_label(number)) for number in numbers]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("民法典942条", of("民法典", 942)),
        ("民法典第942条", of("民法典", 942)),
        ("民法典第９４２条", of("民法典", 942)),
        ("民法典 第 942 条", of("民法典", 942)),
        ("民法典第九百四十二条", of("民法典", 942)),
        ("民法典九百四十二条", of("民法典", 942)),
        ("民法典九四二条", of("民法典", 942)),
        ("民法典第九百四十二", of("民法典", 942)),
        ("民法典第942", of("民法典", 942)),
        ("民法典§942", of("民法典", 942)),
        ("民法典：第942条", of("民法典", 942)),
        ("《民法典》第九百四十二条第二款", of("民法典", 942)),
        ("《民法典》942", of("民法典", 942)),
        ("《民法典》的第942条", of("民法典", 942)),
        ("《民法典》里面的第942条", of("民法典", 942)),
        ("民法典规定的第942条", of("民法典", 942)),
        ("民法典合同编第942条", of("民法典", 942)),
        ("《民法典·合同编》第942条", of("民法典", 942)),
        ("民法典第三编第二十四章第942条", of("民法典", 942)),
        ("民法典第一千零八十七条", of("民法典", 1087)),
        ("民法典一千零四十二", of("民法典", 1042)),
        ("民法 942", of("民法", 942)),
        ("民法典942怎么说", of("民法典", 942)),
        ("请问民法典942条和943条", of("民法典", 942, 943)),
        ("民法典第942条、943条和945条", of("民法典", 942, 943, 945)),
        ("民法典第942条之一", [("民法典", "第九百四十二条之一")]),
        ("刑法第133条之1", [("刑法", "第一百三十三条之一")]),
        ("刑法第一百三十三条之一第一款", [("刑法", "第一百三十三条之一")]),
        ("《刑法》（2020修正）第234条", of("刑法", 234)),
        ("刑法二百三十四", of("刑法", 234)),
        ("刑法234~236条", of("刑法", 234, 235, 236)),
        ("依照刑法第二百六十四条之规定", of("刑法", 264)),
        ("治安处罚法 88", of("治安处罚法", 88)),
        ("治安法88条", of("治安法", 88)),
        ("违反了治安管理处罚法第四十三条第二款第三项", of("治安管理处罚法", 43)),
        ("治安管理处罚法第88条和民法典第294条", [*of("治安管理处罚法", 88), *of("民法典", 294)]),
        ("劳动合同法第38条第1款第(二)项", of(LABOUR, 38)),
        ("劳动合同法第3条至第5条", of(LABOUR, 3, 4, 5)),
        ("劳动合同法3-5条", of(LABOUR, 3, 4, 5)),
        ("劳动合同法第3—5条", of(LABOUR, 3, 4, 5)),
        ("劳动合同法第三至五条", of(LABOUR, 3, 4, 5)),
        ("劳动合同法第三条到第五条", of(LABOUR, 3, 4, 5)),
        ("劳动合同法第36、38条", of(LABOUR, 36, 38)),
        ("劳动合同法36和38条", of(LABOUR, 36, 38)),
        ("劳动合同法第三十六、三十八、四十六条", of(LABOUR, 36, 38, 46)),
        ("劳动合同法第36条怎么说，第38条呢", of(LABOUR, 36, 38)),
        ("《劳动合同法》第36条，该法第38条", of(LABOUR, 36, 38)),
        ("《中华人民共和国劳动法》的第三十六条", of("中华人民共和国劳动法", 36)),
        ("劳动法36", of("劳动法", 36)),
        ("消法55条", of("消法", 55)),
        ("未保法第16条", of("未保法", 16)),
        ("老年法十八条", of("老年法", 18)),
        ("反家暴法23条", of("反家暴法", 23)),
        ("道交法第76条", of("道交法", 76)),
        ("民诉119条", of("民诉", 119)),
        ("公司法第20条", of("公司法", 20)),
        ("预算法第5条", of("预算法", 5)),
        ("期货和衍生品法第3条", of("期货和衍生品法", 3)),
        ("缔结条约程序法第3条", of("缔结条约程序法", 3)),
        ("物业管理条例 42 条", of("物业管理条例", 42)),
        ("《物业管理条例》42", of("物业管理条例", 42)),
        ("我市物业管理条例第20条", of("我市物业管理条例", 20)),
        ("工伤保险条例14条1项", of("工伤保险条例", 14)),
        ("物业管理办法第三条", of("物业管理办法", 3)),
        ("民法总则第三条", of("民法总则", 3)),
        ("物业服务司法解释第三条", of("物业服务司法解释", 3)),
        ("婚姻家庭编解释（一）第三条", of("婚姻家庭编解释（一）", 3)),
        ("最高人民法院关于审理某某案件适用法律若干问题的解释第三条", of("最高人民法院关于审理某某案件适用法律若干问题的解释", 3)),
        ("我想问问民法典第五百七十七条都说了啥", of("民法典", 577)),
        ("宪法第三十三条", of("宪法", 33)),
    ],
)
def test_an_article_is_read_however_it_is_named(text: str, named: list[Named]) -> None:
    assert [(ref.law, ref.label) for ref in find_citations(text)] == named


@pytest.mark.parametrize(
    "text",
    [
        "民法典100元一本", "按消法赔500块", "劳动法3倍工资", "劳动法二百块", "违法停车罚200", "消法 13800138000", "法律援助12348",
        "消防法100014", "工单100014", "劳动法2024年", "民法典2020", "民法典2021年1月1日施行", "宪法12月4日", "宪法日12/4",
        "民法典3:30讲座", "普法12点开始", "民法典2本", "民法典第一讲", "民法典第3期", "民法典120学时", "劳动法十二讲", "民法典一百多条",
        "民法典学习班200人", "刑法三年", "没法 3 天", "违法3次", "没办法第3条路", "做法1", "方法 2", "乘法 12", "孙子兵法 36",
        "依法拆除3处", "执法 2 队", "法院3楼", "12-3-502", "条例3.15", "这条路3-5条", "我要三条鱼", "法律第38条", "劳动合同第38条",
        "小区公约第5条", "第三条",
    ],
)  # fmt: skip
def test_what_is_counted_dated_paid_or_dialled_is_no_article(text: str) -> None:
    assert find_citations(text) == []


@pytest.mark.parametrize(
    ("text", "paragraph", "item"),
    [
        ("民法典第942条", 0, 0),
        ("《民法典》第九百四十二条第二款", 2, 0),
        ("民法典942条2款", 2, 0),
        ("劳动合同法第38条第1款第(二)项", 1, 2),
        ("劳动合同法第三十八条第一款第二项", 1, 2),
        ("工伤保险条例第十四条第（一）项", 0, 1),
        ("工伤保险条例第十四条（三）", 0, 3),
        ("工伤保险条例14条1项", 0, 1),
        ("民法典第942条第一款和第二款", 0, 0),
        ("民法典第942条第2、3款", 0, 0),
    ],
)
def test_the_paragraph_and_the_item_are_read_unless_there_are_several(text: str, paragraph: int, item: int) -> None:
    (ref,) = find_citations(text)
    assert (ref.paragraph, ref.item) == (paragraph, item)


def test_another_texts_article_is_not_taken_for_the_laws() -> None:
    assert [ref.label for ref in find_citations("民法典第三条，业主公约第五条；合同里说，第六条")] == ["第三条"]


def test_a_range_is_read_whole_up_to_a_length_and_then_by_its_ends() -> None:
    assert len(find_citations(f"民法典第1条至第{MOST_IN_RANGE}条")) == MOST_IN_RANGE
    assert find_citations("民法典第1条至第900条") == [*find_citations("民法典第1条"), *find_citations("民法典第900条")]


@given(st.integers(1, 1300), st.integers(1, 12), st.sampled_from(["{}第{}条第{}款", "《{}》{}条{}款", "{}的第{}条 第{}款"]))
def test_any_number_of_article_and_paragraph_is_read_where_it_stands(number: int, paragraph: int, form: str) -> None:
    text = "请看" + form.format("民法典", to_chinese(number), paragraph) + "，谢谢"
    (found,) = find_laws(text)
    assert (found.law, found.label, found.paragraph) == ("民法典", article_label(number), paragraph)
    assert text[found.start : found.end] == text[2:-3]


WHOLE = Citation("鸽法", "第三条", "养鸽有下列情形的，予以表扬：\n（一）安静；\n（二）清洁。\n其他情形另行规定。", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("paragraph", "item", "label", "text"),
    [
        (0, 0, "第三条", WHOLE.text),
        (2, 0, "第三条第二款", "其他情形另行规定。"),
        (1, 2, "第三条第一款第二项", "养鸽有下列情形的，予以表扬：\n（二）清洁。"),
        (0, 1, "第三条第一项", "养鸽有下列情形的，予以表扬：\n（一）安静；"),
        (9, 0, "第三条", WHOLE.text),
        (0, 9, "第三条", WHOLE.text),
        (2, 1, "第三条第二款", "其他情形另行规定。"),
    ],
)
def test_the_part_asked_for_is_shown_and_the_whole_where_there_is_no_such_part(
    paragraph: int, item: int, label: str, text: str
) -> None:
    part = WHOLE.part(paragraph, item)
    assert (part.label, part.text) == (label, text)
