"""What people say about a run."""

import pytest

from checklists.services.commenting import comment_on_run
from checklists.services.events import check_seal
from checklists.services.signing import skip_run
from oncall.models import Notification
from opsportal.kit.errors import PortalError, Refused
from tests.factories.oncall import UserFactory
from tests.factories.runs import MINUTE, NOW, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def run():
    return open_run()


@pytest.fixture
def people(run):
    """Two members, somebody inactive, and a stranger."""
    found = [UserFactory(username=name) for name in ("ann", "bob", "gone", "eve")]
    for person in found[:3]:
        person.memberships.create(team=run.team, role="responder")
    found[2].is_active = False
    found[2].save()
    return found


def told():
    return list(Notification.objects.values_list("recipient__username", flat=True))


def test_a_comment_is_sealed_and_tells_the_members_it_names(run, people):
    ann, bob, *_ = people
    text = "@bob and @eve and @gone and @ann: look at *lag*"
    event = comment_on_run(run.pk, f" {text} ", by=ann, now=NOW + MINUTE)
    assert (event.verb, event.actor) == ("commented", ann)
    assert event.after == {"text": text, "mentions": ["bob", "ann"]}
    assert check_seal(run.pk).first_broken is None
    row = Notification.objects.get()
    assert (row.recipient, row.topic) == (bob, f"run-comment:{run.pk}")
    assert row.subject.startswith(f"{ann.display_name} named you")
    assert row.url.endswith(f"/runs/{run.pk}/#comment-{event.number}")


def test_sent_twice_it_is_said_once(run, people):
    ann, bob, *_ = people
    first = comment_on_run(run.pk, "@bob look", by=ann, now=NOW)
    assert comment_on_run(run.pk, "@bob look", by=ann, now=NOW) == first
    assert comment_on_run(run.pk, "@bob look", by=bob, now=NOW) != first
    assert told() == ["bob"]


@pytest.mark.parametrize("text", ["", "  \n", "\0", "x" * 2001])
def test_a_text_that_says_nothing_or_too_much_is_refused(run, people, text):
    with pytest.raises(PortalError, match="1 to 2000"):
        comment_on_run(run.pk, text, by=people[0], now=NOW)


def test_nothing_is_added_to_a_closed_run(run, people):
    skip_run(run.pk, by=people[0], reason="a holiday", now=NOW)
    with pytest.raises(Refused, match="closed"):
        comment_on_run(run.pk, "too late", by=people[0], now=NOW)
    assert run.events.last().verb != "commented"
