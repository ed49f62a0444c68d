"""What reading a runbook costs: processor time and memory, for large and odd files."""

import re
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figure

NEEDS_DATABASE = False
SAMPLES = Path(__file__).resolve().parents[1] / "tests" / "runbooks" / "samples"
SIZE = 200_000
ROUNDS = 5
BARE = "markdown-it-py alone, the same text"
ODD = {
    "10,000 nested bullets": "## Daily\n"
    + "".join(" " * (2 * (at % 30)) + "- [ ] a\n" for at in range(10_000)),
    "a line of 1 MB": "## Alerts\n- 1" + " > 5% for 5 min" * 70_000,
    "a table of 5,000 rows": "## Metrics\n|Metric|Warning|Critical|\n|-|-|-|\n"
    + "".join(f"|cpu{at}|> 8{at % 10}%|> 90%|\n" for at in range(5000)),
}


def _text(number: int) -> bytes:
    """The samples again and again, no line ending as ever before: nothing is cached."""
    parts = [path.read_bytes() for path in sorted(SAMPLES.glob("*.md"))]
    whole = b"\n".join(part.removeprefix(b"\xef\xbb\xbf") for part in parts)
    rounds = range(SIZE // len(whole) + 1)
    return b"\n".join(
        re.sub(rb"(?m)(?<=[a-z])$", b" %c%c" % (97 + number, 97 + at), whole)
        for at in rounds
    )[:SIZE]


def measure() -> list[Figure]:
    """Read a text of 200 kB and three that nobody writes."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 -- counted as import otherwise

    from runbooks.domain.plan import read_plan  # noqa: PLC0415 -- as above

    raws = [_text(number) for number in range(ROUNDS)]
    bare = MarkdownIt("commonmark").enable("table")
    words = [raw.decode("utf-8", "replace") for raw in raws]

    def best(act: Callable[[Any], object], given: Sequence[object]) -> float:
        took = []
        for each in given:
            began = time.process_time()
            act(each)
            took.append(time.process_time() - began)
        return min(took)

    limit = best(bare.parse, words)
    figures = [
        Figure(
            what="a runbook of 200 kB", value=best(read_plan, raws) * 1000, unit="ms",
            limit=limit * 1000, limit_is=BARE, goal="500 ms",
        )
    ]  # fmt: skip
    tracemalloc.start()
    read_plan(_text(ROUNDS))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    figures.append(
        Figure(
            what="memory for it", value=peak / 1e6, unit="MB", limit=SIZE / 1e6,
            limit_is="the text itself", goal="100 MB",
        )
    )  # fmt: skip
    for name, text in ODD.items():
        given = [text.encode()] * ROUNDS
        figures.append(
            Figure(
                what=name, value=best(read_plan, given), unit="s",
                limit=best(bare.parse, [text] * ROUNDS), limit_is=BARE, goal="2 s",
            )
        )  # fmt: skip
    return figures
