"""Handoffs are drafted, reminded of, asked for, escalated and accepted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oncall import handoff_sections
from oncall.models import AuditEntry, Handoff, Notification
from oncall.queries.handoffs import handoff_card, handoffs_of, show_handoff
from oncall.services import handoffs
from oncall.services.handing_over import accept_handoff, write_notes
from oncall.services.handoffs import advance_handoffs
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.factories.oncall import (
    AdminFactory,
    OverrideFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# A Monday, 09:00 in Berlin: the third person hands over to the first.
AT = datetime(2026, 1, 19, 8, tzinfo=UTC)
NOW = AT - 2 * DAY


@pytest.fixture
def schedule():
    return make_weekly_schedule(name="Platform rotation")


@pytest.fixture
def manager(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


@pytest.fixture
def people(schedule):
    """Return who hands over, and who takes over."""
    row = drafted()
    return row.outgoing, row.incoming


def drafted(now=NOW):
    advance_handoffs(now=now)
    return Handoff.objects.get()


def told(what=""):
    rows = Notification.objects.filter(
        topic__startswith="handoff:", state=Notification.State.PENDING
    )
    return {
        (row.dedupe_key.split(":")[3], row.recipient_id)
        for row in rows
        if what in row.dedupe_key
    }


def takes(schedule, start, end, user):
    return OverrideFactory(
        schedule=schedule,
        starts_at=start,
        ends_at=end,
        add_user=user,
        takes_role=True,
    )


def test_the_next_handoff_is_drafted_once_with_its_two_people(schedule):
    assert advance_handoffs(now=NOW) == 1
    assert advance_handoffs(now=NOW + MINUTE) == 0
    row = Handoff.objects.get()
    assert (row.at, row.schedule, row.created_at) == (AT, schedule, NOW)
    assert row.outgoing in schedule.people
    assert row.incoming in schedule.people
    assert row.outgoing != row.incoming
    assert row.next_step_at == AT - 16 * HOUR
    assert told() == set()


def test_a_rotation_of_one_never_hands_over():
    make_weekly_schedule(people=1)
    assert advance_handoffs(now=NOW) == 0
    assert not Handoff.objects.exists()


def test_a_schedule_that_is_off_hands_nothing_over(schedule):
    schedule.is_active = False
    schedule.save(update_fields=["is_active"])
    assert advance_handoffs(now=NOW) == 0


def test_each_step_tells_the_right_people_once(schedule, manager, people):
    outgoing, incoming = people
    both = {("write", outgoing.pk), ("coming", incoming.pk)}
    for _ in range(2):
        advance_handoffs(now=AT - 16 * HOUR)
        assert told() == both
    for _ in range(2):
        advance_handoffs(now=AT)
        assert told() == both | {("ask", incoming.pk)}
    for late in (30, 31, 500):
        advance_handoffs(now=AT + late * MINUTE)
        assert told() == both | {
            ("ask", incoming.pk),
            ("escalate", manager.pk),
            ("stay", outgoing.pk),
        }
    text = Notification.objects.get(dedupe_key__contains="escalate").text
    assert outgoing.name in text
    assert incoming.name in text
    # By then the next one is drafted.
    first, _ = Handoff.objects.order_by("at")
    assert first.escalated_at == AT + 30 * MINUTE
    assert first.next_step_at is None


def test_after_downtime_only_the_latest_step_acts(schedule, manager, people):
    advance_handoffs(now=AT + 2 * HOUR)
    assert told() == {("escalate", manager.pk), ("stay", people[0].pk)}


def test_without_a_manager_an_admin_hears(schedule, people):
    admin = AdminFactory()
    advance_handoffs(now=AT + HOUR)
    assert ("escalate", admin.pk) in told()


def test_a_handoff_to_nobody_is_told_to_the_managers(schedule, manager):
    version = schedule.rotations.get().versions.get()
    version.members.filter(user=schedule.people[1]).update(user=None)
    row = drafted(AT - 7 * DAY)
    nobody = Handoff.objects.filter(incoming=None) | Handoff.objects.filter(
        outgoing=None
    )
    while row not in nobody:
        row = Handoff.objects.order_by("-at").first()
        advance_handoffs(now=row.at + MINUTE)
        row = Handoff.objects.order_by("-at").first()
    advance_handoffs(now=row.at + HOUR)
    kinds = {what for what, _ in told(f"handoff:{row.pk}:")}
    assert "escalate" in kinds
    text = Notification.objects.filter(topic=f"handoff:{row.pk}").last().text
    assert "nobody" in text.lower()


def test_an_override_moves_the_draft_and_keeps_its_notes(schedule, people):
    outgoing, incoming = people
    row = Handoff.objects.get()
    write_notes(row.pk, "Ask about the ticket.", revision=0, by=outgoing, now=NOW)
    advance_handoffs(now=AT - 10 * HOUR)
    moved = AT + 5 * HOUR
    override = takes(schedule, AT, moved, outgoing)
    advance_handoffs(now=AT - 9 * HOUR)
    row.refresh_from_db()
    assert (row.at, row.notes) == (moved, "Ask about the ticket.")
    assert (row.outgoing, row.incoming) == (outgoing, incoming)
    # Told anew, because the moment is another one.
    assert len(told("write")) == 1
    assert Notification.objects.filter(dedupe_key__contains=":write:").count() == 2

    override.cancelled_at = AT - 8 * HOUR
    override.save(update_fields=["cancelled_at"])
    advance_handoffs(now=AT - 8 * HOUR)
    row.refresh_from_db()
    assert row.at == AT


def test_other_people_are_told_and_nobody_twice(schedule, people):
    outgoing, incoming = people
    advance_handoffs(now=AT - 16 * HOUR)
    stand_in = UserFactory(team=schedule.team)
    takes(schedule, AT, AT + DAY, stand_in)
    advance_handoffs(now=AT - 12 * HOUR)
    row = Handoff.objects.get()
    assert row.incoming == stand_in
    assert told() == {
        ("write", outgoing.pk),
        ("coming", incoming.pk),
        ("coming", stand_in.pk),
    }
    assert Notification.objects.filter(dedupe_key__contains=":write:").count() == 1


def test_a_handoff_that_falls_away_is_cancelled_and_comes_back(schedule, people):
    outgoing, incoming = people
    advance_handoffs(now=AT - 16 * HOUR)
    override = takes(schedule, AT, AT + 8 * DAY, outgoing)
    advance_handoffs(now=AT - 15 * HOUR)
    row = Handoff.objects.get()
    assert row.cancelled_at == AT - 15 * HOUR
    assert row.next_step_at is None
    assert told() == {("cancelled", outgoing.pk), ("cancelled", incoming.pk)}
    advance_handoffs(now=AT)
    assert told("ask") == set()

    override.delete()
    advance_handoffs(now=AT - 14 * HOUR)
    row.refresh_from_db()
    assert row.cancelled_at is None
    assert row.next_step_at == AT


def test_a_draft_that_nobody_knew_of_is_cancelled_quietly(schedule, people):
    takes(schedule, AT, AT + 8 * DAY, people[0])
    advance_handoffs(now=NOW + HOUR)
    assert Handoff.objects.get().cancelled_at is not None
    assert told() == set()


def test_two_sweeps_at_once_take_a_step_once(schedule, people):
    advance_handoffs(now=AT - 16 * HOUR)
    before = Notification.objects.count()
    row = Handoff.objects.get()
    Handoff.objects.filter(pk=row.pk).update(next_step_at=AT - 16 * HOUR)
    # As a sweep that was told of the row before the other one took the step.
    assert advance_handoffs(now=AT - 16 * HOUR) == 0
    assert Notification.objects.count() == before


def test_a_draft_that_was_accepted_meanwhile_is_not_cancelled(
    schedule, people, monkeypatch
):
    takes(schedule, AT, AT + 8 * DAY, people[0])
    stale = list(handoffs._find_acts(AT - HOUR))
    row = accept_handoff(Handoff.objects.get().pk, by=people[1], now=AT - HOUR)
    monkeypatch.setattr(handoffs, "_find_acts", lambda now: stale)
    assert advance_handoffs(now=AT - HOUR) == 0
    row.refresh_from_db()
    assert row.cancelled_at is None
    assert told("cancelled") == set()


def test_the_sweep_asks_as_much_about_one_schedule_as_about_three(schedule):
    advance_handoffs(now=NOW)
    counts = []
    for more in (0, 2):
        for _ in range(more):
            make_weekly_schedule(schedule.team)
        advance_handoffs(now=NOW)
        with CaptureQueriesContext(connection) as asked:
            advance_handoffs(now=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# Acceptance


def test_acceptance_ends_the_steps_and_tells_the_outgoing_person(
    schedule, manager, people
):
    outgoing, incoming = people
    advance_handoffs(now=AT)
    row = accept_handoff(Handoff.objects.get().pk, by=incoming, now=AT + 5 * MINUTE)
    assert (row.accepted_by, row.accepted_at) == (incoming, AT + 5 * MINUTE)
    assert told() == {("accepted", outgoing.pk)}
    advance_handoffs(now=AT + HOUR)
    assert told("escalate") == set()
    assert AuditEntry.objects.filter(action="handoff.accept").count() == 1
    # Once more by the same person is the same.
    again = accept_handoff(row.pk, by=incoming, now=AT + HOUR)
    assert again.accepted_at == row.accepted_at


def test_a_manager_accepts_in_their_place_and_nobody_after_them(
    schedule, manager, people
):
    incoming = people[1]
    row = Handoff.objects.get()
    accepted = accept_handoff(row.pk, by=manager, now=AT)
    assert show_handoff(accepted, AT).pill == (
        f"accepted by {manager.name} in place of {incoming.name}",
        "ok",
    )
    with pytest.raises(Refused, match="accepted it already"):
        accept_handoff(row.pk, by=incoming, now=AT)


def test_who_hands_over_to_themselves_as_a_manager_is_not_told(schedule, people):
    outgoing, _ = people
    accept_handoff(Handoff.objects.get().pk, by=outgoing, now=AT)
    assert told() == set()


def test_it_cannot_be_accepted_a_day_before_nor_after_it_was_cancelled(
    schedule, people
):
    row = Handoff.objects.get()
    with pytest.raises(Refused, match="too early"):
        accept_handoff(row.pk, by=people[1], now=NOW)
    Handoff.objects.update(cancelled_at=NOW)
    with pytest.raises(Refused, match="does not happen"):
        accept_handoff(row.pk, by=people[1], now=AT)


def test_the_brief_is_live_until_it_is_accepted_and_then_stays(
    schedule, people, monkeypatch
):
    said = ["INC-1 is open"]

    def read(shift):
        lines = [handoff_sections.Line(text) for text in said]
        return handoff_sections.Section("Open incidents", lines, "None.")

    monkeypatch.setattr(handoff_sections, "_readers", {"incidents": (1, read)})
    row = Handoff.objects.get()

    def lines(at=AT):
        row.refresh_from_db()
        (section,) = show_handoff(row, at).sections
        return [line.text for line in section.lines]

    assert lines() == ["INC-1 is open"]
    said.append("INC-2 is open")
    assert len(lines()) == 2
    write_notes(row.pk, "Watch both.", revision=0, by=people[0], now=NOW)
    accept_handoff(row.pk, by=people[1], now=AT)
    said.clear()
    assert lines() == ["INC-1 is open", "INC-2 is open"]
    assert row.brief["notes"] == "Watch both."
    assert show_handoff(row, AT).is_frozen


# Notes


def test_notes_of_two_people_do_not_overwrite_each_other(schedule, people):
    outgoing, incoming = people
    pk = Handoff.objects.get().pk
    row = write_notes(pk, "One", revision=0, by=outgoing, now=NOW)
    assert (row.revision, row.notes_by, row.notes_at) == (1, outgoing, NOW)
    with pytest.raises(Conflict) as lost:
        write_notes(pk, "Two", revision=0, by=incoming, now=NOW)
    assert lost.value.current.notes == "One"
    # The same words are no change, whatever was being edited.
    assert write_notes(pk, "One", revision=0, by=incoming, now=NOW).revision == 1
    row = write_notes(pk, "Two", revision=1, by=incoming, now=NOW)
    assert (row.revision, row.notes) == (2, "Two")


def test_what_is_typed_in_one_sitting_is_one_entry_of_the_audit_log(schedule, people):
    outgoing, incoming = people
    pk = Handoff.objects.get().pk

    def entries():
        return AuditEntry.objects.filter(action="handoff.notes").count()

    for number, (by, minutes) in enumerate(
        [(outgoing, 0), (outgoing, 5), (incoming, 6), (outgoing, 7), (outgoing, 30)]
    ):
        write_notes(
            pk, f"Version {number}", revision=number, by=by, now=NOW + minutes * MINUTE
        )
    assert entries() == 4


def test_notes_have_an_end_and_need_a_handoff(schedule, people):
    pk = Handoff.objects.get().pk
    with pytest.raises(PortalError, match="20000") as long:
        write_notes(pk, "x" * 20_001, revision=0, by=people[0], now=NOW)
    assert long.value.field == "notes"
    Handoff.objects.update(cancelled_at=NOW)
    with pytest.raises(Refused):
        write_notes(pk, "Too late", revision=0, by=people[0], now=NOW)


# What pages show of it


def test_the_card_is_the_one_that_waits_then_the_next_then_the_last(schedule, people):
    row = Handoff.objects.get()
    assert handoff_card(schedule.pk, NOW).row == row
    assert handoff_card(schedule.pk, AT + HOUR).row == row
    accept_handoff(row.pk, by=people[1], now=AT)
    assert handoff_card(schedule.pk, AT + HOUR).row == row
    assert handoff_card(schedule.pk, AT + 3 * DAY) is None
    advance_handoffs(now=AT + DAY)
    assert handoff_card(schedule.pk, AT + 2 * DAY).row.at == AT + 7 * DAY


def test_the_card_speaks_of_moment_and_people(schedule, people):
    outgoing, incoming = people
    card = handoff_card(schedule.pk, NOW)
    for zone, clock in (("Europe/Berlin", "09:00"), ("Asia/Tokyo", "17:00")):
        with timezone.override(zone):
            assert card.title == (
                f"Handoff · Monday 19 January {clock} · "
                f"{outgoing.name} → {incoming.name}"
            )
    assert card.pill == (f"waiting for {incoming.name} to accept", "")
    assert not card.can_be_accepted
    advance_handoffs(now=AT)
    assert handoff_card(schedule.pk, AT).pill[1] == "warn"
    advance_handoffs(now=AT + HOUR)
    assert handoff_card(schedule.pk, AT + HOUR).pill[1] == "crit"
    Handoff.objects.filter(at=AT).update(incoming=None)
    assert handoff_card(schedule.pk, AT).pill == ("nobody takes over", "crit")
    Handoff.objects.filter(at=AT).update(cancelled_at=AT)
    gone = show_handoff(Handoff.objects.get(at=AT), AT)
    assert gone.pill == ("does not happen", "")
    assert (list(gone.sections), gone.incoming) == ([], "No one")


def test_both_people_see_it_a_day_around_its_moment(schedule, people):
    outgoing, incoming = people
    for user in people:
        assert handoffs_of(user, NOW) == []
        assert len(handoffs_of(user, AT - HOUR)) == 1
    accept_handoff(Handoff.objects.get().pk, by=incoming, now=AT)
    assert handoffs_of(outgoing, AT) == []
