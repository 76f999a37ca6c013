"""What residents say about the law in made-up conversations: listed wordings, lay phrasings, articles named in every way, right and wrong.

Nothing here comes from questions of real people: wordings and phrasings are the project's own, names and numbers the table's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from chinese.numerals import to_int
from chinese.sounds import alike
from community.knowledge.names import EVERYDAY, PREFIX

FOLLOW_UPS = (
    "那押金呢", "那物业费呢", "原文给我看看", "第几条说的", "是哪部法律", "那如果没有合同呢", "那要赔多少钱",
    "对方不认怎么办", "要去哪里办", "带什么材料", "上面那条第二款怎么说", "前面那条再说一遍", "那第一款呢", "多久能办好",
    "如果是租的房子呢", "他不肯调解呢", "要不要请律师", "法律上有依据吗", "旧的那部法律怎么说", "说人话", "你确定吗",
    "是不是编的", "那孩子呢", "还有别的规定吗", "哪年开始施行的", "第二条呢", "民法典怎么说", "刑法管不管",
)  # fmt: skip
GONE = (
    "婚姻法", "物权法", "合同法", "侵权责任法", "继承法", "民法通则", "民法总则", "担保法", "收养法", "劳动教养条例",
    "收容遣送办法",
)  # fmt: skip
"""Some are not in the table at all, some are and have ended."""
INVENTED = (
    "小区养狗法", "广场舞管理法", "中华人民共和国邻里关系法", "电动车充电条例", "楼道堆物处罚法", "社区老人照料促进法",
    "物业催费办法",
)  # fmt: skip
ELSEWHERE = ("美国刑法", "日本民法典", "旧治安管理处罚法", "修订前的民法典", "台湾民法")
FILLERS = ("嗯", "那个", "就是说", "呃", "这个这个", "喂", "你听我说啊", "我跟你讲")
FRONTS = ("请问", "麻烦问一下", "您好，", "帮我查一下", "我想问", "急！", "律师在吗，", "按照法律", "老师，")
BACKS = ("？", "怎么办", "，谢谢", "啊啊啊", "！！！", "有没有人管", "，在线等", "。。。", "\n", "，电话13800000000", "，我住3幢501")
ACROSS = ("{a}和{b}哪个管用", "{a}跟{b}有什么不一样", "先看{a}，再看{b}", "{a}、{b}", "不是{a}，是{b}")


@dataclass(frozen=True)
class Named:
    """A law of the table: its full name, the numbers of its articles as printed, and whether it is in force."""

    law: str
    labels: tuple[str, ...]
    in_force: bool

    @property
    def short(self) -> str:
        return self.law.removeprefix(PREFIX)


class Speaker:
    """Makes conversations; the same seed makes the same ones."""

    def __init__(self, random: Random, wordings: Sequence[str], phrasings: Sequence[str], laws: Sequence[Named]) -> None:
        self._random, self._wordings, self._phrasings = random, wordings, phrasings
        self._current = [law for law in laws if law.in_force and law.labels]
        names = {law.law for law in self._current}
        self._ended = [law for law in laws if not law.in_force and law.law not in names and law.labels]
        self._everyday: dict[str, list[str]] = {}
        for everyday, short in EVERYDAY.items():
            self._everyday.setdefault(short, []).append(everyday)
        # The Civil Code and its like are what people name; each of the others is as likely as the next.
        self._known = [law for law in self._current if law.short in self._everyday or law.short in ("民法典", "刑法", "劳动法", "宪法")]

    def conversation(self) -> list[str]:
        said = [self._first()]
        for _ in range(self._random.choice((0, 1, 1, 2, 3))):
            said.append(self._random.choice(FOLLOW_UPS) if self._random.random() < 0.6 else self._first())
        return [self.noisy(text) if self._random.random() < 0.45 else text for text in said]

    def _first(self) -> str:
        ways: list[tuple[Callable[[], str], int]] = [
            (lambda: self._random.choice(self._wordings or FOLLOW_UPS), 4),
            (lambda: self._random.choice(self._phrasings or FOLLOW_UPS), 4),
            (self.right_article, 3),
            (self.wrong_article, 2),
            (self.gone, 2),
            (self.two_articles, 1),
            (lambda: f"{self.right_article()}，{self._random.choice(self._wordings or FOLLOW_UPS)}", 1),
            (lambda: f"{self.gone()}，{self._random.choice(self._phrasings or FOLLOW_UPS)}", 1),
        ]
        way: Callable[[], str] = self._random.choices([way for way, _ in ways], [weight for _, weight in ways])[0]
        return way()

    def _law(self) -> Named:
        return self._random.choice(self._known if self._known and self._random.random() < 0.6 else self._current)

    def right_article(self) -> str:
        law = self._law()
        return self._named(self._name(law), self._random.choice(law.labels))

    def wrong_article(self) -> str:
        law = self._law()
        last = max((number for label in law.labels if (number := _number(label))), default=1)
        wrong = self._random.choice((last + 1, last + self._random.randint(2, 900), 9999, 0, 12345))
        label = self._random.choice((f"第{wrong}条", f"第{last}条之九", "第百条", f"第{last}条第{self._random.randint(5, 40)}款"))
        return self._named(self._name(law), label)

    def gone(self) -> str:
        if self._ended and self._random.random() < 0.5:
            law = self._random.choice(self._ended)
            return self._named(self._random.choice((law.short, law.law)), self._random.choice(law.labels))
        name = self._random.choice(GONE + INVENTED + ELSEWHERE)
        return self._named(name, f"第{self._random.randint(1, 300)}条")

    def two_articles(self) -> str:
        if self._random.random() < 0.5:
            law = self._law()
            label, another = self._random.choice(law.labels), self._random.choice(law.labels)
            return f"{self._name(law)}{label}{self._random.choice('和与、及')}{another}"
        ways = (self.right_article, self.wrong_article, self.gone)
        first, second = (self._random.choice(ways)() for _ in "ab")
        return self._random.choice(ACROSS).format(a=first, b=second)

    def _name(self, law: Named) -> str:
        names: list[str] = [law.short, law.short, law.law, *self._everyday.get(law.short, ())]
        return self._random.choice(names)

    def _named(self, name: str, label: str) -> str:
        number = _number(label)
        digits = str(number) if number else label
        wide = digits.translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})
        paragraph = self._random.choice(("", "", "", f"第{self._random.choice('一二三四九')}款", "第2款"))
        forms = [
            f"《{name}》{label}{paragraph}", f"{name}{label}{paragraph}", f"{name}的{label}", f"〈{name}〉{label}",
            f"按{name}{label}能告他吗",
            f"{name}{label}是什么", f"《{name}》 {label} 说的什么", f"根据{name}{label}{paragraph}怎么处理",
        ]  # fmt: skip
        if number:
            forms += [
                f"{name}{digits}条", f"{name}第{digits}条{paragraph}", f"{name} {digits}", f"{name}第 {wide} 条",
                f"《{name}》{digits}条", f"{name}{label[1:]}",
            ]  # fmt: skip
        return self._random.choice(forms)

    def noisy(self, text: str) -> str:
        """As it comes from thumbs and dictation: something in front, something behind, characters lost, doubled, swapped, misheard."""
        for _ in range(self._random.choice((1, 1, 2, 3))):
            at = self._random.randrange(len(text)) if text else 0
            before, char, behind = text[:at], text[at : at + 1], text[at + 1 :]
            made: tuple[str, ...] = (
                self._random.choice(FRONTS) + text,
                text + self._random.choice(BACKS),
                before + behind,
                before + char + char + behind,
                before + behind[:1] + char + behind[1:],
                before + self._random.choice(alike(char) or char or "的") + behind,
                before + self._random.choice(FILLERS) + char + behind,
                text.translate(str.maketrans("", "", "，。？！、《》 ")),
            )
            text = self._random.choice(made)
        return text or "法律"


def _number(label: str) -> int | None:
    body = label.removeprefix("第").removesuffix("条")
    return to_int(body) if body != label else None
