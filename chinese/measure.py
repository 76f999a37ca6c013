"""How well times and places are read, measured on files that stay where they are. Prints one JSON object, never a row.

    python -m chinese.measure times FILE [--reader jionlp] [--given]   # datetime_zh.jsonl: Microsoft Recognizers' results as gold
    python -m chinese.measure places FILE [--lexicon data/lexicon]   # {text, place}: estate/building/unit/room, "" for none
    python -m chinese.measure spans FILE                       # address_spans.jsonl: houseno, cellno, roomno
    python -m chinese.measure speed FILE                       # microseconds of processor time a message

With `--reader jionlp` the same comparison judges jionlp, where that is installed: not in our environments. With `--given` a
reader gets each expression alone and need not find it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chinese.address import find_places, main_place
from chinese.compare import Reading, agrees
from chinese.entities import find_entities
from chinese.lexicon import read_estates
from chinese.times import find_times

Row = dict[str, Any]


def rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def ours(text: str, now: datetime) -> list[Reading]:
    def plain(moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=None) if moment else None

    return [
        Reading(
            m.start,
            m.end,
            plain(m.start_at),
            plain(m.end_at),
            float(m.value) if m.kind == "duration" else None,
            m.timex if m.kind == "set" else "",
        )
        for m in find_times(text, now)
    ]


def measure_times(path: Path, read: Callable[[str, datetime], list[Reading]], given: bool = False) -> Row:
    """Shares of Recognizers' expressions that are read alike, and of rows where every one is."""
    expressions = right = exact = spans = all_rows = right_rows = extra = 0
    by_type: dict[str, list[int]] = {}
    for row in rows(path):
        now = datetime.fromisoformat(row["ref"] or "2019-01-06T12:00:00")
        found = read(row["input"], now)
        whole = True
        touched: set[int] = set()
        for gold in row["results"]:
            start, end = gold["Start"], gold["End"] + 1
            near = [r for r in found if r.start < end and start < r.end]
            if given:
                near = read(row["input"][start:end], now)
            touched |= {id(r) for r in near}
            values = gold["Resolution"]["values"]
            alike = agrees(values, near, strict=False)
            expressions += 1
            right += alike
            exact += agrees(values, near, strict=True)
            spans += any((r.start, r.end) == (start, end) for r in near)
            counts = by_type.setdefault(gold["TypeName"].rpartition(".")[2], [0, 0])
            counts[0] += alike
            counts[1] += 1
            whole = whole and alike
        more = [r for r in found if id(r) not in touched]
        extra += len(more)
        all_rows += 1
        right_rows += whole and not (more and not row["results"])
    return {
        "rows": all_rows,
        "rows_right": right_rows,
        "share_rows": round(right_rows / all_rows, 4),
        "expressions": expressions,
        "resolved_alike": right,
        "share_expressions": round(right / expressions, 4),
        "share_expressions_strict_ends": round(exact / expressions, 4),
        **({} if given else {"share_exact_span": round(spans / expressions, 4), "extra": extra}),
        "by_type": {kind: f"{good}/{of}" for kind, (good, of) in sorted(by_type.items())},
    }


def measure_places(path: Path, lexicon: Path) -> Row:
    """Rows without `place`, or with an empty one, count as right when nothing is found."""
    estates = read_estates(lexicon)
    named = right = without = invented = 0
    for row in rows(path):
        place = main_place(find_places(row["text"], estates))
        key = place.key if place else ""
        if row.get("place"):
            named += 1
            right += key == row["place"]
        else:
            without += 1
            invented += key != ""
    share = round(right / named, 4) if named else None
    return {"with_place": named, "right": right, "share": share, "without_place": without, "invented": invented}


def measure_spans(path: Path) -> Row:
    """A labelled building, unit or room is found when a mention that covers it says its number."""
    fields = {"houseno": "building", "cellno": "unit", "roomno": "room"}
    counts = {kind: [0, 0] for kind in fields}
    marked = [0, 0]
    for row in rows(path):
        places = find_places(row["text"])
        for span in row["spans"]:
            if span["type"] not in fields:
                continue
            digits = "".join(c for c in span["text"] if c.isascii() and c.isalnum()).upper()
            hit = any(
                p.start < span["end"] and span["start"] < p.end and getattr(p, fields[span["type"]]) == digits
                for p in places
            )
            counts[span["type"]][0] += hit
            counts[span["type"]][1] += 1
            if span["type"] == "houseno" and not span["text"].endswith("号") and not span["text"].isascii():
                marked[0] += hit
                marked[1] += 1
    shares = {kind: f"{good}/{of}" for kind, (good, of) in counts.items()}
    return {**shares, "houseno_with_a_sign_of_a_building": f"{marked[0]}/{marked[1]}"}


def measure_speed(path: Path, lexicon: Path, shortest: int = 25, longest: int = 35) -> Row:
    """All entities of messages of about thirty characters; the median of several rounds, so that a busy machine matters less."""
    estates = read_estates(lexicon)
    texts = [row["text"] for row in rows(path) if shortest <= len(row["text"]) <= longest]
    now = datetime(2026, 11, 24, 10, 0)
    rounds = []
    for _ in range(7):
        began = time.process_time()
        for text in texts:
            find_entities(text, now, estates)
        rounds.append((time.process_time() - began) / max(1, len(texts)) * 1e6)
    return {"messages": len(texts), "microseconds": round(sorted(rounds)[len(rounds) // 2], 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description="How well times and places are read.")
    parser.add_argument("what", choices=("times", "places", "spans", "speed"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--reader", choices=("ours", "jionlp"), default="ours")
    parser.add_argument("--given", action="store_true")
    parser.add_argument("--lexicon", type=Path, default=Path("data/lexicon"))
    arguments = parser.parse_args()
    if arguments.what == "times":
        if arguments.reader == "jionlp":
            from chinese.compare import jionlp_reader

            result = measure_times(arguments.file, jionlp_reader(), arguments.given)
        else:
            result = measure_times(arguments.file, ours, arguments.given)
    elif arguments.what == "places":
        result = measure_places(arguments.file, arguments.lexicon)
    elif arguments.what == "spans":
        result = measure_spans(arguments.file)
    else:
        result = measure_speed(arguments.file, arguments.lexicon)
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
