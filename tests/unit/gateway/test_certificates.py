"""The certificate's paper."""

from __future__ import annotations

from datetime import date, timedelta

from community.papers.certificate import certificate_pdf
from community.services.certificates import Certificate, Line


def test_a_long_record_fits_one_page_and_needs_no_font_file() -> None:
    lines = tuple(Line(date(2026, 1, 3) + timedelta(days=7 * n), "周六垃圾分类督导" * 6, 90) for n in range(40))
    paper = Certificate("李秀英", "临溪社区", 5400, 60, lines[0].day, lines[-1].day, lines, "AB12", date(2026, 11, 27))
    drawn = certificate_pdf(paper)
    assert drawn.startswith(b"%PDF-")
    assert b"/Count 1" in drawn
    assert b"STSong-Light" in drawn
    assert b"FontFile" not in drawn
    assert len(drawn) < 20_000
