"""The hash chain of a run: it verifies, and any edit breaks it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checklists.domain.event_chain import GENESIS, Link, canonical, link, verify

AT = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**60), 2**60),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=5),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
        st.timedeltas(),
        st.uuids(),
        st.binary(max_size=4),
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
EVENTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=3)


def chain(events):
    links, before = [], GENESIS
    for event in events:
        links.append(Link(event, before, link(before, event)))
        before = links[-1].hash
    return links


@given(st.lists(EVENTS, max_size=4))
def test_an_untouched_chain_verifies(events):
    links = chain(events)
    assert verify(links) is None
    assert verify(links, head=links[-1].hash if links else GENESIS) is None


@given(st.lists(EVENTS, min_size=1, max_size=4), EVENTS, st.data())
def test_any_edit_is_found_where_it_is(events, other, data):
    links = chain(events)
    place = data.draw(st.integers(0, len(links) - 1))
    assume(canonical(other) != canonical(events[place]))
    edited = list(links)
    edited[place] = replace(links[place], event=other)
    assert verify(edited) == place
    forged = replace(edited[place], hash=link(edited[place].prev_hash, other))
    edited[place] = forged
    after = place + 1 if place + 1 < len(links) else None
    assert verify(edited) == after
    assert verify(edited, head=links[-1].hash) == place + 1


@given(st.lists(EVENTS, min_size=2, max_size=4), st.data())
def test_a_removed_or_moved_event_is_found(events, data):
    links = chain(events)
    place = data.draw(st.integers(0, len(links) - 1))
    shorter = links[:place] + links[place + 1 :]
    assert verify(shorter, head=links[-1].hash) == min(place, len(shorter))
    assert verify(links[::-1]) == 0


def test_the_same_event_has_one_form_and_different_ones_differ():
    east = timezone(timedelta(hours=2))
    assert canonical({"b": 1, "a": (2,)}) == canonical({"a": [2], "b": 1})
    assert canonical({"at": AT}) == canonical({"at": AT.astimezone(east)})
    assert canonical({"n": Decimal("1.50")}) == canonical({"n": Decimal("1.5")})
    forms = [
        {"x": value}
        for value in (
            AT, AT.isoformat(), AT.date(), "2026-01-14", time(10), 1, 1.0, True, "1",
            Decimal(1), timedelta(seconds=1), UUID(int=1), b"1", None, [], {},
            {"$at": "2026-01-14T10:00:00.000000+00:00"}, date(2026, 1, 15),
        )
    ]  # fmt: skip
    assert len({canonical(form) for form in forms}) == len(forms)


@pytest.mark.parametrize(
    "event",
    [
        {"x": float("nan")},
        {"x": Decimal("inf")},
        {"x": datetime(2026, 1, 14)},  # noqa: DTZ001 -- what is refused
        {"x": object()},
        {"x": {1: 2}},
    ],
)
def test_what_cannot_be_written_one_way_is_refused(event):
    with pytest.raises(ValueError, match="An event"):
        canonical(event)


def test_a_broken_hash_is_refused():
    with pytest.raises(ValueError, match="64 hex digits"):
        link("", {})
