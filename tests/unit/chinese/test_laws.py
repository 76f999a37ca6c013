"""Laws and articles where their names end, and not where a list goes on."""

from __future__ import annotations

import pytest

from chinese.laws import find_laws

DECISION = "全国人民代表大会常务委员会关于批准《国务院关于工人退休、退职的暂行办法》的决议"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2）提出接租或补偿办法\n3）签好协议", []),
        ("想个补偿办法 3）签好协议", []),
        ("看看治安处罚法\n88", []),
        ("治安处罚法 88", [("治安处罚法", "第八十八条", 0)]),
        ("〈民法典〉第942条第二款", [("民法典", "第九百四十二条", 2)]),
        (f"《{DECISION}》全文", [(DECISION, "", 0)]),
        (f"《{DECISION}》第三条", [(DECISION, "第三条", 0)]),
        ("《民法典》第一条、《刑法》", [("民法典", "第一条", 0), ("刑法", "", 0)]),
        ("《《《《《《" * 500, []),
    ],
)
def test_a_law_is_read_as_it_is_named(text: str, found: list[tuple[str, str, int]]) -> None:
    assert [(law.law, law.label, law.paragraph) for law in find_laws(text)] == found
