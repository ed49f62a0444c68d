"""INC-YYYY-MM-DD-NNN, there and back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.reference import format_reference, parse_reference

days = st.dates(min_value=date(1000, 1, 1))
numbers = st.integers(min_value=1, max_value=10**7)


def test_three_digits_and_then_as_many_as_it_takes():
    day = date(2026, 1, 4)
    assert format_reference(day, 1) == "INC-2026-01-04-001"
    assert format_reference(day, 999) == "INC-2026-01-04-999"
    assert format_reference(day, 1000) == "INC-2026-01-04-1000"


@given(days, numbers)
def test_a_reference_says_its_day_and_number(day, number):
    assert parse_reference(format_reference(day, number)) == (day, number)


@given(days, st.lists(numbers, min_size=2, max_size=2, unique=True))
def test_two_numbers_of_a_day_never_share_a_reference(day, pair):
    assert len({format_reference(day, number) for number in pair}) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "INC-2026-01-04-01",
        "INC-2026-01-04-000",
        "INC-2026-01-04-0001",
        "INC-2026-13-04-001",
        "inc-2026-01-04-001",
        "INC-2026-01-04-001\n",
        "INC-2026-01-04-\N{ARABIC-INDIC DIGIT ONE}01",
    ],
)
def test_what_nobody_writes_is_refused(text):
    with pytest.raises(ValueError, match=r"INC|month"):
        parse_reference(text)
