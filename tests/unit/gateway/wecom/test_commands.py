"""What grid workers type in a hurry, and what only looks like it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinese.ticket_numbers import ticket_number
from gateway.wecom.commands import Command, Kind, parse
from gateway.wecom.typed import SEPARATORS

FULL = ticket_number(23)


def _case(text: str, number: str | None = None, words: str = "", to: str = "") -> tuple[str, str | None, str, str]:
    return text, number, words, to


CASES = {
    Kind.TODAY: [
        _case(text)
        for text in (
            "今日待办", "待办", "我的工单", "今天有啥", "今天有什么活？", "看看待办", "我的待办",
            "今日工單", "还有几单", "今天要办什么", "待办事项。", "有啥活儿", "有没有新单", "今天还有啥没办", "今天的活",
        )
    ],
    Kind.ACCEPT: [
        *(_case(text, "1234") for text in ("接单 1234", "接1234", "1234接单", "接单:1234", "接单：1234", "接单１２３４", "接 单 1234")),
        *(_case(text, "1234") for text in ("好的，接单1234", "收到 接单 1234", "我接1234", "1234我接了", "接單 1234", "接单【1234】")),
        *(_case(text, "1234") for text in ("接单幺二三四", "接单 1 2 3 4", "接单\n1234", "📌接单 1234", "接单#1234", "接单 工单1234")),
        *(_case(text, "1234") for text in ("1234号工单接单", "OK 接单1234。", "抢单 1234", "我来接单 1234", "接单1234号")),
        *(_case(text) for text in ("接单", "接单。", "我接单", "接单了")),
        *(_case(text, "3") for text in ("接单 3", "接3", "接单③", "接单 第3个", "接单 第三个")),
        *(_case(text, "1234") for text in ("接单一千二百三十四", "接单，1234。", "接单\u200b1234", "/接单 1234", "接\n单 1234")),
        *(_case(text) for text in ("接这单", "这单我接了", "已接单")),
        _case("接单十二", "12"),
        _case("到了门口，接单1234", "1234", "到了门口"),
        _case("接单👌", words="👌"),
        _case(f"接单 {FULL}", FULL),
        _case(f"接单 {FULL[:3]} {FULL[3:]}", FULL),
        _case("接单 1234，二十分钟到", "1234", "二十分钟到"),
        _case("接单 1234 1235", "1234", "1235"),
    ],
    Kind.GROUP: [
        *(_case(text, words=text) for text in ("群消息 张阿姨：3幢电梯又坏了", "王建国 10:32\n办结1234\n李阿姨 10:35\n我家也是")),
        *(_case(text, words=text) for text in ("群里张阿姨说3幢电梯又坏了", "张阿姨：3幢电梯又坏了", "群消息")),
    ],
    Kind.CONFIRM: [
        *(_case(text, "1") for text in ("确认 1", "确认1", "确认第一条", "立单 1", "好的，确认 1")),
        _case("确认 1、2", words="1、2"),
        _case("确认全部", words="全部"),
        _case("全部确认", words="全部"),
        _case("确认"),
    ],
    Kind.DROP: [_case("不要 2 昨天报过了", "2", "昨天报过了"), _case("不要2", "2"), _case("不要第二条，已办过", "2", "已办过")],
    Kind.MERGE: [_case("并入 1", "1"), _case("并入 1 #100231", "1", "100231"), _case("合并2", "2")],
    Kind.AMEND: [_case("改 1 3幢2单元", "1", "3幢2单元"), _case("改第二条 照明", "2", "照明")],
    Kind.DRAFTS: [_case(text) for text in ("草稿", "看看草稿", "群消息草稿")],
    Kind.UNDO: [_case("撤销")],
    Kind.START: [
        *(_case(text, "1234") for text in ("到场 1234", "我到了1234", "到现场1234", "1234到场", "1234 我到了", "1234已到现场", "到1234")),
        *(_case(text) for text in ("已到现场", "我到了", "到场", "处理中")),
        _case("已到现场，门锁着", words="门锁着"),
        _case("1234到场没人开门", "1234", "没人开门"),
        _case("到场3幢", words="3幢"),
    ],
    Kind.RESOLVE: [
        _case("办结 1234 已更换灯管", "1234", "已更换灯管"),
        _case("1234办结，灯管换好了", "1234", "灯管换好了"),
        _case("办好了 1234 换了两根", "1234", "换了两根"),
        _case("办结1234楼道灯换好了", "1234", "楼道灯换好了"),
        _case("办结\n1234\n换了灯泡\n试过了", "1234", "换了灯泡\n试过了"),
        _case("办结１２３４，换了２盏灯💡", "1234", "换了２盏灯💡"),
        _case("1234 灯管换好了，办结", "1234", "灯管换好了"),
        _case("1234号工单办结了，好了！", "1234", "好了！"),
        _case("我已办结1234", "1234"),
        _case("辦結 1234 換了燈", "1234", "換了燈"),
        _case("办结1234✅", "1234", "✅"),
        _case("办结 1234 12盏灯", "1234", "12盏灯"),
        _case("灯管换好了，办结1234。", "1234", "灯管换好了"),
        _case("这单办结了，灯换好了", words="灯换好了"),
        _case("办结，已换灯管", words="已换灯管"),
        _case("办结3幢灯换好了", words="3幢灯换好了"),
        _case("搞定"),
        _case("修好了 1234", "1234"),
        _case(f"办结 灯管已换 {FULL}", FULL, "灯管已换"),
        _case("办结 灯管型号 123456", None, "灯管型号 123456"),
    ],
    Kind.RETURN_: [
        _case("退回 1234 不归我们管", "1234", "不归我们管"),
        _case("退回1234不归我们管", "1234", "不归我们管"),
        _case("1234退回不归我们管", "1234", "不归我们管"),
        _case("把1234退回，是物业的", "1234", "是物业的"),
        _case("退1234", "1234"),
        _case("重复上报，退回1234", "1234", "重复上报"),
        _case("1234 申请退回，不属实", "1234", "不属实"),
        _case("退单 1234", "1234"),
        _case("退回"),
        _case("1234 不是我们小区，退回", "1234", "不是我们小区"),
    ],
    Kind.TRANSFER: [
        _case("转派 1234 张三", "1234", to="张三"),
        _case("1234转给张三", "1234", to="张三"),
        _case("转张三 1234 请他看看", "1234", "请他看看", "张三"),
        _case("1234转给张三请他看看", "1234", "请他看看", "张三"),
        _case("转派给张三 1234", "1234", to="张三"),
        _case("转派 1234 给李师傅，漏水", "1234", "漏水", "李师傅"),
        _case("把1234转给物业王经理", "1234", to="物业王经理"),
        _case("转1234给张三", "1234", to="张三"),
        _case("转派 1234 wangqiang 请看", "1234", "请看", "wangqiang"),
        _case("转派1234 不归我们管", "1234", "不归我们管"),
        _case("转派 1234 楼上漏水要紧急", "1234", "楼上漏水要紧急"),
        _case("转派 1234", "1234"),
        _case("转派"),
        _case("转派 张三", to="张三"),
        _case("轉派 1234 張三", "1234", to="張三"),
    ],
    Kind.DIARY: [
        _case("记 走访3幢李奶奶", words="走访3幢李奶奶"),
        _case("记走访3幢李奶奶，一切都好", words="走访3幢李奶奶，一切都好"),
        _case("日记：今天巡查 2 次", words="今天巡查 2 次"),
        _case("日记：走访了吗？", words="走访了吗？"),
        _case("民情日记\n上午走访\n下午开会", words="上午走访\n下午开会"),
        _case("记录一下 电梯有异响", words="电梯有异响"),
        _case("记：接单 1234 的住户要回访", words="接单 1234 的住户要回访"),
        _case("日记"),
        _case("记："),
        _case("写一下日记：走访", words="走访"),
    ],
    Kind.PAUSE: [
        _case("暂缓 1234 等配件 到12月5日", "1234", "等配件 到12月5日"),
        _case("1234暂缓等配件到12月5日", "1234", "等配件到12月5日"),
        _case("暂缓1234，等住户回来，到下周三", "1234", "等住户回来，到下周三"),
        _case("暂缓幺二三四等配件到十二月五号", "1234", "等配件到十二月五号"),
        _case("把1234暂缓，配件没到", "1234", "配件没到"),
        _case("1234 等配件，暂缓到12月5日", "1234", "等配件，暂缓到12月5日"),
        _case("暂缓到12月5日，等配件", words="到12月5日，等配件"),
        _case("暂缓 等配件", words="等配件"),
        _case("暫緩 1234 等配件", "1234", "等配件"),
        _case("申请暂缓 1234", "1234"),
        _case("暂停 1234 等配件", "1234", "等配件"),
        _case("暂缓"),
    ],
    Kind.RESUME: [
        *(_case(text, "1234") for text in ("恢复 1234", "恢复1234", "1234恢复计时", "取消暂缓 1234", "继续办理1234", "恢 复 1234")),
        _case("恢复 1234 配件到了", "1234", "配件到了"),
        _case("配件到了，恢复计时1234", "1234", "配件到了"),
        _case("恢复计时"),
        _case("恢复"),
    ],
    Kind.EXPLAIN: [
        _case("解释 1234 因为在公示期，12月才能动工", "1234", "因为在公示期，12月才能动工"),
        _case("解释1234因为是消防通道不能装", "1234", "因为是消防通道不能装"),
        _case("1234解释，产权不清装不了", "1234", "产权不清装不了"),
        _case("1234 已解释清楚，住户同意", "1234", "住户同意"),
        _case("解释，因为没有业主同意", words="因为没有业主同意"),
        _case("解释"),
    ],
    Kind.RECATEGORISE: [
        _case("改类别 噪音", to="噪音"),
        *(_case(text, "1234", to="噪音") for text in ("改类别 1234 噪音", "1234 改类别 噪音", "把1234的类别改成噪音", "类别改成噪音 1234")),
        _case("改类别 1234 噪音，其实是装修", "1234", "其实是装修", "噪音"),
        _case("1234类别改为燃气 危急", "1234", "危急", "燃气"),
        _case("改类别 1234", "1234"),
        _case("改类别"),
    ],
    Kind.FILE: [
        _case("转工单"), _case("转成工单"), _case("把这条转成工单吧"), _case("立单"), _case("好的，转工单"),
        _case("转工单 照明", words="照明"), _case("生成工单：想装扶手", words="想装扶手"), _case("轉工單"),
    ],
    Kind.REMIND: [
        _case("提醒 12月1日", words="12月1日"),
        _case("提醒我下周三", words="下周三"),
        _case("回访改到12月3号", words="12月3号"),
        _case("回访 十二月二号", words="十二月二号"),
        _case("改到明天", words="明天"),
        _case("下次回访三天后", words="三天后"),
    ],
    Kind.NO_VISIT: [_case("不回访"), _case("不用回访了"), _case("取消提醒")],
    Kind.VISITED: [
        _case("已回访"), _case("回访过了"), _case("去过了"),
        _case("已回访 身体好，药吃完了", words="身体好，药吃完了"),
        _case("回访了李奶奶，身体好", words="李奶奶，身体好"),
    ],
    Kind.CHANGE: [
        _case("改 剡溪花园5幢101", words="剡溪花园5幢101"),
        _case("改成3幢1单元101", words="3幢1单元101"),
        _case("更正：是李奶奶的女儿说的", words="是李奶奶的女儿说的"),
    ],
    Kind.HELP: [_case(text) for text in ("帮助", "使用帮助", "?", "？", "？？", "怎么用", "Help", "菜单", "能做什么？")],
    Kind.NUMBER: [
        *(_case(text, "3") for text in ("3", "３", "3.", "三", "③", "第3个", "3️⃣", " 3 \n", "03")),
        *(_case(text, "2") for text in ("选2", "我选第二个", "(2)")),
        _case("十二", "12"),
        _case("99", "99"),
    ],
    Kind.UNKNOWN: [
        *(_case(text, None, text) for text in (
            "接单太慢了", "今天接单好多", "不接单1234", "1234不接单", "1234接单了吗", "接单1234？", "谁接单", "接单怎么弄",
            "接单 13812345678", "接单 1234号楼", "接单失败", "+1", "-1", "1.5", "1、2", "3幢", "为什么，退回1234？", "无法办结 1234",
            "接3个人去医院", "接 3 个人去医院", "接12点的班", "没接单 1234", "你们什么时候接单",
            "1234还没办结", "办结1234的时候没人", "办结率太低", "1234办好没有", "1234修好了又坏了", "1234解决一下", "完成率太低",
            "完成，巡查了三处", "到了门口没人", "1234到现在没人来", "开始下雨了", "到3幢看看", "到1203室看看",
            "退100元", "退1000元", "退休了", "转账1234", "转告张三 1234", "转弯1234", "转发一下", "转派怎么弄",
            "记得明天开会", "记者来了", "日记本丢了", "日记怎么写？", "0", "大家好", "收到", "待办的事情太多了", "帮助老人",
            "明天有什么天气", "1234恢复供水了", "恢复供电了", "解释一下1234", "解释1234的原因", "暂缓1234了吗", "1234暂停供水",
            "转工单了吗", "提醒一下大家", "提醒下水道堵了", "回访率太低", "改 1234", "改天再说", "去过了没人", "提醒大家12月1日停水",
            "1234改类别了吗", "类别改错了怎么办", "怎么改类别",
        )),
        _case("100", "100", "100"),
        _case(FULL, FULL, FULL),
        _case(f"{FULL}这单住户不在家", FULL, f"{FULL}这单住户不在家"),
        _case("", None, ""),
        _case("👍", None, "👍"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text, Command(kind, number, words, to)) for kind, cases in CASES.items() for text, number, words, to in cases],
)
def test_what_is_typed_is_understood_and_talk_is_not(text: str, expected: Command) -> None:
    assert parse(text) == expected


HEADS = [
    *("接单", "到场", "办结", "退回", "转派", "转给", "暂缓", "恢复", "解释", "转工单", "提醒", "回访", "改", "记", "日记", "帮助", "待办"),
    *("我", "了", "吗", "1234", FULL, "3", "张三", "到", "12月5日"),
]
pieces = st.lists(st.one_of(st.sampled_from([*HEADS, *" ，：。？\n#👌第个的"]), st.text(max_size=4)), max_size=12).map("".join)


@given(st.one_of(st.text(), pieces))
def test_nothing_raises_and_what_is_returned_was_written(text: str) -> None:
    found = parse(text)
    assert found.words in text
    assert found.to in text
    assert found.number is None or found.number.isascii() and found.number.isdigit()
    if found.kind is Kind.UNKNOWN:
        assert found.words == text.strip()


plain = st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), include_characters="\n"), min_size=1, max_size=60)


@given(st.sampled_from(["接单", "到场", "办结", "退回", "暂缓", "解释"]), plain)
def test_words_behind_a_number_lose_nothing(verb: str, words: str) -> None:
    found = parse(f"{verb} 1234 备注{words}")
    assert (found.number, found.words) == ("1234", f"备注{words}".rstrip())
    assert parse(f"1234{verb}，备注{words}") == found


@given(plain)
def test_a_diary_keeps_every_word(words: str) -> None:
    assert parse(f"日记：走访{words}").words == f"走访{words}".rstrip()


@given(plain)
def test_of_person_and_words_nothing_is_lost(words: str) -> None:
    found = parse(f"转派 1234 张三，备注{words}")
    assert (found.kind, found.number, found.to, found.words) == (Kind.TRANSFER, "1234", "张三", f"备注{words}".rstrip())


@given(pieces)
def test_what_stands_nowhere_is_at_most_the_command(text: str) -> None:
    """Ordinary words in the middle of anything never vanish."""
    found = parse(f"{text}灯管换新{text}")
    assert "灯管换新" in found.words or "灯管换新" in found.to


@pytest.mark.parametrize("text", ["?" * 2048, "接单" + "," * 2048, "1" * 2048, "好" * 2048, "1234" + ": " * 1000 + "接", "好 " * 1000])
def test_long_nonsense_is_quick(text: str) -> None:
    begun = time.perf_counter()
    parse(text)
    assert time.perf_counter() - begun < 0.5


def test_separators_stand_for_themselves_in_a_pattern() -> None:
    assert len(set(SEPARATORS)) == len(SEPARATORS)
    assert "-" in SEPARATORS
