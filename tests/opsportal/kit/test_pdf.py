"""Markdown of our own as a PDF."""

import re
import zlib

from opsportal.kit.pdf import BarChart, write_pdf

DOCUMENT = """# Post-Mortem

## What happened?

Requests failed → **twice**, in Łódź and Αθήνα, `pool` was full.
\\## no heading

### Steps

1. Killed
2. Restarted

- One point

| Service | Minutes |
|---|---|
| ARQ | 30 |

| Alone |
"""


def test_headings_lists_and_tables_become_pages():
    made = write_pdf(DOCUMENT, title="INC-1 Über")
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    # Only the glyphs that are used travel along.
    assert len(made) < 60_000
    streams = re.findall(rb"stream\r?\n(.*?)endstream", made, re.DOTALL)
    texts = [zlib.decompress(part) for part in streams if part[:1] == b"x"]
    assert any(b"Tj" in text or b"TJ" in text for text in texts)


def test_a_long_one_goes_on_on_the_next_page():
    assert write_pdf("Line\n\n" * 200, title="Long").count(b"/Type /Page\n") > 1


def test_bars_are_drawn_below_the_text_over_as_many_pages_as_it_takes():
    rows = [
        (f"A name that is much longer than its room {n}", float(n)) for n in range(60)
    ]
    chart = BarChart("Pages", "min", rows)
    made = write_pdf("# Title", title="Bars", bars=[chart, BarChart("Empty", "", ())])
    assert made.count(b"/Type /Page\n") == 2
    streams = re.findall(rb"stream\r?\n(.*?)endstream", made, re.DOTALL)
    drawn = [zlib.decompress(part) for part in streams if part[:1] == b"x"]
    assert sum(part.count(b" re f") for part in drawn) == 60
