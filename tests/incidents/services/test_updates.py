"""Telling people: kept, sent, owed, corrected."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents.models import Component, IncidentUpdate, StatusPage, TimelineEntry
from incidents.queries import updates as queries
from incidents.services import updates
from incidents.services.updates import Draft
from oncall.models import AuditEntry, Notification
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import (
    ComponentFactory,
    IncidentFactory,
    IncidentRoleFactory,
    StatusPageFactory,
)
from tests.factories.oncall import ChannelFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def incident():
    return IncidentFactory(service__name="Architect API", started_at=NOW - 20 * MINUTE)


@pytest.fixture
def author(incident):
    return UserFactory(team=incident.team)


def draft(**changes):
    plain = Draft(
        audience="stakeholder",
        status="investigating",
        title=" Errors while saving ",
        text=" We look into it. ",
    )
    return replace(plain, **changes)


def test_an_update_is_kept_written_down_once_and_sent(incident, author):
    mails = ChannelFactory(team=incident.team, name="Board")
    quiet = ChannelFactory(team=incident.team, is_enabled=False)
    strange = ChannelFactory()
    update = updates.post_update(
        incident.pk,
        draft(channels=[mails.pk, quiet.pk, strange.pk], next_update=30 * MINUTE),
        by=author,
        now=NOW,
    )
    assert (update.title, update.service) == ("Errors while saving", "Architect API")
    assert update.remind_at == update.next_update_at == NOW + 30 * MINUTE
    entry = TimelineEntry.objects.get(incident=incident)
    assert (entry.kind, entry.text) == ("update", "We look into it.")
    assert entry.source_ref == f"update:{update.pk}"
    message = Notification.objects.get()
    assert message.channel == mails
    assert message.subject == "Investigating: Errors while saving"
    assert "Severity: P2" in message.text
    assert message.url == f"/incidents/{incident.ref}/"
    assert AuditEntry.objects.get().action == "incident.update"
    assert queries.count_deliveries([update]) == {update.pk: (0, 1, 0)}


def test_public_words_link_to_no_page_of_ours_and_write_the_page(incident, author):
    page = StatusPageFactory(team=incident.team, next_write_at=NOW + MINUTE)
    component = ComponentFactory(page=page)
    foreign = ComponentFactory()
    channel = ChannelFactory(team=incident.team)
    states = {component.pk: "major", foreign.pk: "major"}
    update = updates.post_update(
        incident.pk,
        draft(audience="public", channels=[channel.pk], states=states),
        by=author,
        now=NOW,
    )
    message = Notification.objects.get()
    assert message.url == ""
    assert "P2" not in message.text
    assert [impact.component for impact in update.impacts.all()] == [component]
    assert StatusPage.objects.get(pk=page.pk).next_write_at == NOW


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " "}, "text"),
        ({"audience": "public", "states": {1: "gone"}}, "states"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
    incident, author, changes, field
):
    with pytest.raises(PortalError) as refused:
        updates.post_update(incident.pk, draft(**changes), by=author, now=NOW)
    assert refused.value.field == field
    assert not IncidentUpdate.objects.exists()


def test_the_public_hears_of_no_drill(author):
    drill = IncidentFactory(kind="drill")
    with pytest.raises(Refused, match="this is a drill"):
        updates.post_update(drill.pk, draft(audience="public"), by=author, now=NOW)


def test_a_promise_reminds_author_and_commander_once(incident, author):
    commander = UserFactory(team=incident.team)
    IncidentRoleFactory(incident=incident, user=commander)
    updates.post_update(incident.pk, draft(next_update=5 * MINUTE), by=author, now=NOW)
    assert updates.remind_of_updates(now=NOW + 4 * MINUTE) == 0
    assert updates.remind_of_updates(now=NOW + 5 * MINUTE) == 1
    assert updates.remind_of_updates(now=NOW + 6 * MINUTE) == 0
    told = {row.recipient for row in Notification.objects.filter(urgency="high")}
    assert told >= {author, commander}
    assert (
        Notification.objects.filter(dedupe_key__startswith="update-owed").count() == 2
    )


def test_the_next_update_keeps_the_promise(incident, author):
    updates.post_update(incident.pk, draft(next_update=5 * MINUTE), by=author, now=NOW)
    done = draft(status="resolved", next_update=5 * MINUTE)
    updates.post_update(incident.pk, done, by=author, now=NOW + MINUTE)
    assert updates.remind_of_updates(now=NOW + 10 * MINUTE) == 0


def test_nothing_is_owed_for_what_is_over(incident, author):
    updates.post_update(incident.pk, draft(next_update=5 * MINUTE), by=author, now=NOW)
    incident.status = "resolved"
    incident.save(update_fields=["status"])
    assert updates.remind_of_updates(now=NOW + 5 * MINUTE) == 1
    assert not Notification.objects.filter(
        dedupe_key__startswith="update-owed"
    ).exists()


def test_a_correction_keeps_the_original_and_what_is_owed(incident, author):
    page = StatusPageFactory(team=incident.team)
    component = ComponentFactory(page=page)
    channel = ChannelFactory(team=incident.team)
    first = updates.post_update(
        incident.pk,
        draft(
            audience="public",
            next_update=30 * MINUTE,
            states={component.pk: Component.State.MAJOR},
        ),
        by=author,
        now=NOW,
    )
    second = updates.correct_update(
        first.pk,
        draft(audience="public", text="Only saving.", channels=[channel.pk]),
        by=author,
        now=NOW + MINUTE,
    )
    first.refresh_from_db()
    assert (first.text, first.remind_at) == ("We look into it.", None)
    assert second.remind_at == NOW + 30 * MINUTE
    assert Notification.objects.get().subject.startswith("Correction: ")
    (said,) = queries.read_public_updates(page.pk, NOW - MINUTE)
    assert (said.pk, said.said_at, said.corrected_at) == (second.pk, NOW, NOW + MINUTE)
    with pytest.raises(Conflict, match="correct the newer one") as conflict:
        updates.correct_update(first.pk, draft(audience="public"), by=author, now=NOW)
    assert conflict.value.current == second
    with pytest.raises(PortalError, match="those who read the first"):
        updates.correct_update(second.pk, draft(), by=author, now=NOW)


def test_channels_are_remembered_by_audience(incident, author):
    alerts = ChannelFactory(team=incident.team)
    board = ChannelFactory(team=incident.team, takes_alerts=False)
    team = incident.team_id
    assert queries.last_channels(team, "internal") == [alerts.pk]
    assert queries.last_channels(team, "stakeholder") == []
    updates.post_update(incident.pk, draft(channels=[board.pk]), by=author, now=NOW)
    assert queries.last_channels(team, "stakeholder") == [board.pk]
