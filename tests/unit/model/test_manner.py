"""Few, plain words and digits for who asked for them."""

from __future__ import annotations

from community.model.manner import BY_NUMBER, MOST_CHOICES, for_elder

CHOICES = [{"title": title, "payload": f"/{n}"} for n, title in enumerate(("提交", "改地点", "改说明", "加照片", "改电话", "不报了"))]


def listed(choices: list[dict[str, str]]) -> str:
    return "".join(f"\n{n} {one['title']}" for n, one in enumerate(choices, 1))


def test_choices_are_few_numbered_again_and_the_way_out_stays() -> None:
    text, kept = for_elder("都对吗？" + listed(CHOICES), CHOICES)
    assert len(kept) == MOST_CHOICES
    assert [one["payload"] for one in kept] == ["/0", "/1", "/2", "/5"]
    assert text == f"都对吗？\n{BY_NUMBER}" + listed(kept)


def test_our_words_become_plain_ones_and_what_is_to_be_said_stays() -> None:
    text, _ = for_elder("工单已受理。说“催办”就行。", [])
    assert text == "这件事已收下。\n说“催办”就行。"


def test_choices_the_text_does_not_list_are_left_alone() -> None:
    assert for_elder("选一个", CHOICES) == ("选一个", CHOICES)
