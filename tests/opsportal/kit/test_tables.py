import csv
from decimal import Decimal
from io import StringIO

import pytest

from opsportal.kit.bars import NamedValue, draw_bars
from opsportal.kit.tables import write_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_text_runs_as_a_formula(text):
    ((head,), (cell,)) = csv.reader(StringIO(write_csv(["name"], [[text]]), newline=""))
    assert (head, cell) == ("name", f"'{text}")


def test_numbers_and_plain_texts_stay_as_they_are():
    rows = [["Engineer, A", -3, Decimal("2.50"), 'say "hi"']]
    assert write_csv(["a", "b", "c", "d"], rows).splitlines()[1] == (
        '"Engineer, A",-3,2.50,"say ""hi"""'
    )


def test_bars_say_every_value_and_the_longest_goes_across():
    drawn = draw_bars(
        [NamedValue("A", 50), NamedValue("<B>", 100)], words="Hours", unit="h"
    )
    assert 'aria-label="Hours: A 50 h; &lt;B&gt; 100 h"' in drawn
    assert 'width="54.0%"' in drawn
    assert 'width="27.0%"' in drawn
    assert "<B>" not in drawn


def test_without_anything_there_are_no_bars():
    assert "No values" in draw_bars([], words="Hours")
    assert 'width="0.0%"' in draw_bars([NamedValue("A", 0)], words="Hours")


def test_long_names_stand_above_their_bars():
    rows = [NamedValue("ARCA API: API availability", 4.0), NamedValue("Short", 2.0)]
    drawn = draw_bars(rows, words="Budget", unit="%")
    assert 'height="96"' in drawn
    assert drawn.count('x="0%"') == 2
    assert 'width="78.0%"' in drawn
