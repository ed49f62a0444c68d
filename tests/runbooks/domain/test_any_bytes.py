"""No input is too odd: nothing raises, no line is lost, nothing takes long."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.domain.blocks import read_blocks
from runbooks.domain.outline import build_outline
from runbooks.domain.plan import read_plan
from runbooks.domain.plan_json import write_plan
from runbooks.domain.plan_text import write_text
from runbooks.domain.text import read_text

ROOT = Path(__file__).parents[3]
SAMPLES = Path(__file__).parents[1] / "samples"
SIZE = 200_000
PIECES = st.sampled_from(
    [
        "# Daily Tasks\n", "## Weekly\n", "### Level 2 - Lead\n", "- [ ] check lag < 100ms\n",
        "  - nested\n", "> quote\n", "> - [ ] quoted\n", "```yaml\n", "```\n", "~~~\n",
        "| Metric | Warning |\n", "|---|---|\n", "| CPU | > 80% |\n", "---\n", "===\n",
        "<!--\n", "-->\n", "**Monday**:\n", "Symptoms:\n", "\n", "    code\n", "!!! note\n",
        "::: tip\n", "{{< x >}}\n", "<details>\n", "## Severity\n", "<tr><td>P1</td><td>5 min</td></tr>\n", "1. **L1 - Lead**: after 5 min\n",
        "☐ a ☐ b\n", "✅ **done**\n", "\t- tab\n", "- - - x\n", "\r", "â†’\n", "每日检查：\n",  # noqa: RUF001 -- on purpose
        "alert: X\n", "expr: a > 1\n", "[a]: b\n", "* * *\n", "P0: 5 min\n", "p50 <1s, p95 5-7%\n",
        "**Phone**: +1-XXX\n", "DELETE FROM x\n", "rate(x) by (y)\n", "--cidr 0.0.0.0/0\n",
    ]
)  # fmt: skip
RUNBOOKS = st.lists(PIECES | st.text(max_size=30), max_size=40).map("".join)


@given(st.binary(max_size=2000))
def test_any_bytes_become_a_plan(raw):
    plan = read_plan(raw)
    assert plan.source.raw == raw
    json.dumps(write_plan(plan), allow_nan=False)


@given(RUNBOOKS)
def test_any_text_becomes_a_plan_whose_lines_exist(text):
    plan = read_plan(text.encode("utf-8", "surrogatepass"))
    shown = write_plan(plan)
    json.dumps(shown, allow_nan=False)
    write_text(plan)
    count = max(1, len(plan.source.lines))
    for kind in ("thresholds", "severities", "contacts", "procedures", "warnings"):
        for entry in shown[kind]:
            assert 1 <= entry["line"] <= entry["last"] <= count
            assert 0 < entry["confidence"] <= 1
            assert entry["key"]
            assert entry["rule"]


@given(RUNBOOKS)
def test_every_line_is_in_exactly_one_block(text):
    lines = read_text(text.encode("utf-8", "surrogatepass")).lines
    covered = [
        line
        for block in read_blocks(lines)
        for line in range(block.first, block.last + 1)
    ]
    assert covered == list(range(1, len(lines) + 1))


@given(RUNBOOKS)
def test_keys_are_unique_and_come_from_words_not_from_lines(text):
    raw = text.encode("utf-8", "surrogatepass")
    keys = [item.key for each in read_plan(raw).checklists for item in each.items]
    assert len(keys) == len(set(keys))
    if not text.startswith(("---", "+++")):
        moved = read_plan(b"\n\n" + raw)
        assert [i.key for each in moved.checklists for i in each.items] == keys


ODD = {
    "nested bullets": "\n".join(" " * (2 * (at % 30)) + "- [ ] a" for at in range(10_000)),
    "bullets in one line": "- " * 10_000 + "x",
    "ever deeper": "\n".join(" " * (2 * at) + "- a" for at in range(300)),
    "a long line": "## Alerts\n- 1" + " > 5% for 5 min" * 70_000,
    "a table": "## Metrics\n|Metric|Warning|Critical|\n|-|-|-|\n"
    + "".join(f"|cpu{at}|> 8{at % 10}%|> 90%|\n" for at in range(5000)),
    "quotes": "\n".join(">" * (at % 200) + " a" for at in range(600)),
    "emphasis": "*a_`[" * 50_000,
    "contacts": "## Contacts\n" + "- Phone: 12345678\n" * 1000,
    "titles": "# x\n" + "".join(f"## Node {at}\n\n1. look\n2. mend\n\n" for at in range(4000)),
    "repeated ticks": "## Daily\n" + "".join(f"✓ a b {at}\n" for at in range(800)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_odd_input_is_read_within_two_seconds(name):
    raw = ODD[name].encode()
    began = time.process_time()
    read_plan(raw)
    # Whoever counts the lines that run makes them slower.
    assert time.process_time() - began < (8 if sys.gettrace() else 2)


def test_lines_deeper_than_the_parser_goes_are_kept():
    lines = [" " * (2 * at) + f"- level {at}" for at in range(60)]
    outline = build_outline(read_blocks(lines))
    assert outline.entries[-1].text == "level 59"


@pytest.mark.slow
def test_a_runbook_of_200_kb_needs_less_than_100_mb():
    whole = b"\n".join(path.read_bytes() for path in sorted(SAMPLES.glob("*.md")))
    raw = (whole * (SIZE // len(whole) + 1))[:SIZE]
    # A process of its own, all of it: nothing was kept by what other tests read.
    read = (
        "import sys; from runbooks.domain.plan import read_plan\n"
        "read_plan(sys.stdin.buffer.read())\n"
        "print(open('/proc/self/status').read())"
    )
    done = subprocess.run(
        [sys.executable, "-c", read], input=raw, capture_output=True, check=True,
        cwd=ROOT,
    )  # fmt: skip
    (peak,) = re.findall(rb"VmHWM:\s+(\d+) kB", done.stdout)
    assert SIZE < int(peak) * 1024 < 100_000_000
