"""Figures beside their limits, and the command that keeps them."""

import json

import pytest

from bench.figures import (
    Figure,
    median,
    percentile,
    time_call,
    write_notes,
    write_table,
)
from opsportal.management.commands import bench

FAST = Figure(what="a page", value=6.0, unit="ms", limit=2.0, limit_is="a bare page")
ALONE = Figure(what="all of it", value=412.25, unit="MB", goal="500 MB", note="as is")


def test_a_ratio_is_what_was_measured_over_its_limit():
    assert (FAST.ratio, ALONE.ratio) == (3.0, None)
    assert FAST.as_json()["ratio"] == 3.0


def test_a_table_has_a_line_a_figure():
    head, first, second = write_table([FAST, ALONE])
    assert head.split() == ["what", "measured", "limit", "ratio", "goal"]
    assert first.split() == ["a", "page", "6", "ms", "2", "ms", "3", "x"]
    assert second.split() == ["all", "of", "it", "412.2", "MB", "500", "MB"]
    assert write_notes([FAST, FAST, ALONE]) == ["limit: a bare page", "as is"]


def test_percentiles_and_medians():
    values = list(range(1, 101))
    assert percentile(values, 99) == 100
    assert percentile(values, 50) == 51
    assert percentile([7], 95) == 7
    assert median([3, 1, 2]) == 2


def test_a_call_is_timed_by_its_best_round():
    assert 0 < time_call(lambda: None, seconds=0.01) < 1e-4


@pytest.mark.slow
def test_the_command_prints_a_table_and_keeps_it(
    tmp_path, settings, capsys, monkeypatch
):
    settings.VAR_DIR = tmp_path
    monkeypatch.setenv("OPSPORTAL_SMALL", "")  # as it is, it comes back
    bench.Command().run_from_argv(["manage.py", "bench", "rules", "--small"])
    out = capsys.readouterr().out
    assert "== rules ==" in out
    assert "limit: an empty function call" in out
    kept = json.loads((tmp_path / "bench" / "rules.json").read_text())
    assert kept["name"] == "rules"
    assert all(row["ratio"] > 1 for row in kept["figures"])


def test_every_benchmark_is_a_module_and_documented():
    docs = (bench.ROOT / "docs" / "benchmarks.md").read_text()
    for name in bench.NAMES:
        assert (bench.ROOT / "bench" / f"{name}.py").exists()
        assert f"| `{name}` |" in docs
