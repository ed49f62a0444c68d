"""Each runbook's own format, byte for byte, and back from Markdown."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.postmortem_draft import (
    Action,
    Event,
    Facts,
    count_minutes,
    draft_kept,
    fill_in,
)
from incidents.domain.postmortem_formats import BLANK, FORMATS
from incidents.domain.postmortem_markdown import (
    find_unfilled,
    is_filled,
    read_markdown,
    tidy,
    write_markdown,
)

GOLDEN = Path(__file__).parent / "golden"
BEGAN = datetime(2024, 12, 3, 10, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# The incident of the runbook's own example.
EXAMPLE = Facts(
    ref="INC-2024-12-03-001",
    title="High decision latency",
    severity="High",
    services=("AMAS", "ARQ"),
    started_at=BEGAN,
    detected_at=BEGAN + 3 * MINUTE,
    resolved_at=BEGAN + 30 * MINUTE,
    summary="Decisions were slow.",
    symptoms="High decision latency (P99 = 850ms)",
    root_cause="Database connection pool exhausted due to long-running queries",
    resolution="Killed idle connections\nIncreased connection pool size to 30\n"
    "Optimized slow query in word-mastery.service.ts",
    prevention="Added query timeout of 5s\nSet up connection pool monitoring alert\n"
    "Scheduled weekly query performance review",
    impact="Decisions took up to 850 ms.",
    impact_users=120,
    impact_requests=5000,
    alert_count=15,
    timeline=(
        Event(BEGAN, "Alert fired: P99 above 500 ms"),
        Event(BEGAN + 30 * MINUTE, "Status: resolved"),
    ),
    actions=(
        Action("Alert on the pool", "Engineer A", date(2024, 12, 10), "open"),
        Action("Review queries weekly", "", None, "open"),
    ),
)
texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=60
) | st.text("#*-1.) \n\\:azé", max_size=60)


@pytest.mark.parametrize("slug", FORMATS)
def test_the_example_in_each_format_is_the_golden_file(slug):
    form = FORMATS[slug]
    written = write_markdown(form, fill_in(form, draft_kept(form, EXAMPLE), EXAMPLE))
    assert written == (GOLDEN / f"{slug}.md").read_text()


@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_what_was_written_is_read_back(slug, data):
    form = FORMATS[slug]
    said = {part.key: tidy(data.draw(texts), part.shape) for part in form.sections}
    document = write_markdown(form, said)
    assert read_markdown(form, document) == said
    assert write_markdown(form, read_markdown(form, document)) == document


@given(texts, st.sampled_from(["line", "bullets", "steps", "prose"]))
def test_tidying_twice_changes_nothing(text, shape):
    assert tidy(tidy(text, shape), shape) == tidy(text, shape)


def test_a_document_without_a_heading_is_not_read():
    with pytest.raises(ValueError, match="Root Cause"):
        read_markdown(FORMATS["arq"], "## Incident Postmortem\n**ID:** 1\n**Duration:**"
                      " a\n**Impact:** b\n")  # fmt: skip


def test_an_incident_that_goes_on_leaves_blanks():
    form = FORMATS["arq"]
    unknown = Facts(
        ref="INC-1",
        title="Down",
        severity="P1",
        services=("ARQ",),
        started_at=BEGAN,
        detected_at=BEGAN + MINUTE,
        resolved_at=None,
        alert_count=1,
    )
    texts = fill_in(form, draft_kept(form, unknown), unknown)
    assert texts["resolution_time"] == f"{BLANK} min"
    assert texts["impact"] == f"{BLANK} users, {BLANK} requests"
    assert find_unfilled(form, texts) == ["Impact", "Root Cause", "Lessons"]
    log = FORMATS["amas"]
    said = fill_in(log, draft_kept(log, unknown), unknown)
    assert (said["resolved"], said["symptoms"]) == ("not yet", "1 alert fired")


def test_actions_prevent_where_nobody_wrote_what_does():
    form = FORMATS["arca"]
    facts = Facts(**{**_fields(EXAMPLE), "prevention": "", "alert_count": 0})
    assert draft_kept(form, facts)["prevention"] == (
        "Alert on the pool\nReview queries weekly"
    )
    assert "fired" not in draft_kept(FORMATS["amas"], facts)["symptoms"]


def _fields(facts):
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}


def test_minutes_are_whole_and_one_is_no_plural():
    form = FORMATS["amas"]
    ended = BEGAN + timedelta(seconds=119)
    assert count_minutes(BEGAN, ended) == 1
    facts = Facts(**{**_fields(EXAMPLE), "resolved_at": ended})
    assert fill_in(form, {}, facts)["minutes"] == "1 minute"


def test_blanks_do_not_count_as_words():
    assert is_filled("Yes")
    assert not is_filled(f"{BLANK} users")
    assert not is_filled(" ")
