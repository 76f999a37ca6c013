"""Who comes, out of one sentence: 我和我女儿, 帮我妈也报一个, 两大一小, 孩子8岁, 我们四口."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from chinese.numerals import to_chinese, to_int

ME = "我"
MOST = 10
_RELATIONS = (
    "外孙女|外孙|孙女|孙子|女儿|囡囡|儿子|小孩子|小孩|孩子|小朋友|小宝|大宝|娃|侄子|侄女|外甥女|外甥|弟弟|妹妹|"
    "老公|先生|丈夫|老婆|太太|妻子|爱人|老伴|妈妈|姆妈|母亲|老妈|爸爸|父亲|老爸|爷爷|奶奶|外公|外婆|公公|婆婆|岳父|岳母|"
    "哥哥|姐姐|嫂子|舅舅|姑姑|叔叔|妈|爸"
)
_NAMED = r"(?:隔壁|楼上|楼下)?的?[\u4e00-\u9fff](?:阿姨|叔叔|大爷|大妈|大伯|师傅|老师)"
_HELPED = r"(?:教|陪|接送|辅导|照顾|帮助|给.{0,4}老)"
_NUM = r"[0-9一二两三四五六七八九十]+"
_AGE = re.compile(rf"(?:今年|已经|刚)?(?:满)?({_NUM})\s*(?:周?岁)")
_ONE = re.compile(rf"(?<!教)(?<!陪)(?<!接)(?<!送)(?<!导)(?<!顾)(?<!助)(?P<who>{_RELATIONS}|{_NAMED})")
_BIG_SMALL = re.compile(rf"({_NUM})\s*个?\s*(?:大人?|成人)\s*[，,、和加带]?\s*({_NUM})\s*个?\s*(?:小孩?|孩子|娃)")
_COUNT = re.compile(rf"(?:我们|我家|咱家|咱们|全家|一家)?\s*(?:一?家)?({_NUM})\s*(?:个人|口人|口子|口|位|人(?!次))")
_FOR = re.compile(rf"(?:帮|给|替|为|让|报)(?:我|俺|咱|阿拉)?(?:家|们家|家里)?的?(?:{_RELATIONS}|{_NAMED})")
_WITH_ME = re.compile(r"我(?:和|跟|与|同|带|、|，?还有)|(?:和|跟|带)我|我也|算我|我们|咱们?(?:和|跟|全)|一起|一块|陪(?:着|他|她)|我自己")
_YOUNG = re.compile(r"孙|女儿|囡|儿子|孩|小朋友|宝|娃|侄|甥|弟|妹")


@dataclass(frozen=True)
class Person:
    """`who` is a relation (女儿) or a form of address (王阿姨), `我` for the resident; age in years when it was said."""

    who: str
    age: int | None = None

    @property
    def young(self) -> bool:
        """Whether an age has to be asked for where there is a minimum: grown-ups are taken at their word."""
        return bool(_YOUNG.search(self.who))


Party = tuple[Person, ...]
ALONE: Party = (Person(ME),)


def read_party(text: str) -> Party:
    """Who `text` signs up, the resident first; the resident alone when nobody is named."""
    if found := _BIG_SMALL.search(text):
        big, small = (to_int(found[n]) or 0 for n in (1, 2))
        if 0 < big + small <= 50:
            others = [Person(name) for name in _several("家人", big - 1)] if big else []
            return (*(ALONE if big else ()), *others, *(Person(name) for name in _several("孩子", small)))
    people: list[Person] = []
    for found in _ONE.finditer(text):
        who = re.sub(r"^(?:隔壁|楼上|楼下)?的?", "", found["who"])
        age = _AGE.match(text[found.end() :].lstrip("，,（( "))
        if all(known.who != who for known in people):
            people.append(Person(who, to_int(age[1]) if age else None))
    with_me = bool(_WITH_ME.search(text)) or not _FOR.search(text)
    party = [*ALONE, *people] if with_me or not people else people
    total = _COUNT.search(text)
    number = to_int(total[1]) if total else None
    if number and len(party) < number <= 50:
        party += [Person(name) for name in _several("同伴" if not people else "家人", number - len(party))]
    return tuple(party)


def without_party(text: str) -> str:
    """`text` without who comes: what is left says which activity."""
    return _COUNT.sub(" ", _BIG_SMALL.sub(" ", _ONE.sub(" ", text)))


def _several(name: str, number: int) -> list[str]:
    return [name] if number == 1 else [f"{name}{to_chinese(n)}" for n in range(1, number + 1)]


def say(party: Party) -> str:
    """我和女儿, as the resident is told: 您和女儿."""
    names = ["您" if person.who == ME else person.who for person in party]
    return names[0] if len(names) == 1 else f"{'、'.join(names[:-1])}和{names[-1]}"


def pack(party: Party) -> str:
    """For a payload: 我、女儿12."""
    return "、".join(f"{person.who}{person.age if person.age is not None else ''}" for person in party)


def unpack(packed: str | None) -> Party:
    """Back from `pack`; the resident alone for what is none."""
    people = []
    for part in (packed or "").split("、"):
        if found := re.fullmatch(r"(\D{1,12})(\d{0,3})", part):
            people.append(Person(found[1], int(found[2]) if found[2] else None))
    return tuple(people[: MOST + 1]) or ALONE


def keep(party: Party) -> str:
    """As JSON for the database, which encrypts it."""
    return json.dumps([[person.who, person.age] for person in party], ensure_ascii=False)


def kept(text: str) -> Party:
    return tuple(Person(str(who), age) for who, age in json.loads(text))


def too_young(party: Party, minimum: int | None) -> Party:
    return tuple(p for p in party if minimum and p.age is not None and p.age < minimum)


def unknown_age(party: Party, minimum: int | None) -> Party:
    return tuple(p for p in party if minimum and p.age is None and p.young)


def of_age(party: Party, minimum: int | None) -> Party:
    """The same people after their resident said that all are old enough."""
    return tuple(replace(p, age=minimum) if p in unknown_age(party, minimum) else p for p in party)
