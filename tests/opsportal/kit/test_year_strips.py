"""A calendar of few bytes."""

from datetime import date

from opsportal.kit.year_strips import draw_year_strip

THURSDAY = date(2026, 1, 1)


def test_equal_days_of_a_week_are_one_line_and_weeks_are_columns():
    drawing = draw_year_strip(["ok"] * 5, THURSDAY, words="5 days: 5 on time")
    assert 'class="stroke-ok" d="M2.5 18v23M8.5 0v5"' in drawing
    assert 'aria-label="5 days: 5 on time"' in drawing
    assert 'width="11"' in drawing


def test_a_day_without_a_run_is_left_empty():
    drawing = draw_year_strip(["", "crit"], THURSDAY, words="2 days: 1 missed")
    assert drawing.count("<path") == 8 - 6
    assert 'class="stroke-crit" d="M2.5 24v5"' in drawing
