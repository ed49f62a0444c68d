"""Ways to be reached, rules and contact tables, without JavaScript."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oncall.models import (
    ContactMethod,
    Endpoint,
    EscalationContact,
    Notification,
    NotificationRule,
)
from tests.conftest import NOW
from tests.factories.oncall import (
    AdminFactory,
    ContactMethodFactory,
    EscalationContactFactory,
    NotificationFactory,
    ServiceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LINE = {"title": "Team lead", "kind": "phone", "value": "+48 12 345 67 89", "note": ""}
ROLES = ("viewer", "responder", "manager")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service(team):
    return ServiceFactory(team=team, slug="arq")


def text(answer):
    return answer.content.decode()


def count(client, url):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_the_profile_warns_until_there_are_two_ways(sign_in):
    client = sign_in()
    assert "Nothing is verified" in text(client.get("/me/"))
    ContactMethodFactory(user=client.user)
    assert "only one way" in text(client.get("/me/"))
    ContactMethodFactory(user=client.user)
    page = text(client.get("/me/"))
    assert "only one way" not in page
    assert "A page: Email at once, Email at once." in page
    assert "A reminder: Email at once." in page


def test_the_profile_says_how_the_last_message_went(sign_in):
    client = sign_in()
    method = ContactMethodFactory(user=client.user)
    for state, error in (("sent", ""), ("failed", "The mail server answered 550.")):
        NotificationFactory(
            recipient=client.user,
            contact_method=method,
            state=state,
            sent_at=NOW if state == "sent" else None,
            first_attempt_at=NOW,
            last_error=error,
        )
    assert "Last message: failed" in text(client.get("/me/"))
    assert "answered 550" in text(client.get("/me/"))


def test_the_profile_asks_the_same_number_of_questions(sign_in):
    client, counts = sign_in(), []
    client.get("/me/")
    for more in (1, 2):
        for method in ContactMethodFactory.create_batch(more, user=client.user):
            NotificationFactory(contact_method=method, first_attempt_at=NOW)
            NotificationRule.objects.create(user=client.user, contact_method=method)
        counts.append(count(client, "/me/"))
    assert counts[0] == counts[1]


def test_what_the_operator_did_not_set_up_says_so(sign_in, settings):
    client = sign_in()
    assert "SMS (no gateway configured)" in text(client.get("/me/"))
    phone = {"kind": "sms", "address": "+48123456789", "label": ""}
    answer = client.post("/me/contacts", phone)
    assert answer.status_code == 409
    assert "No SMS gateway is configured" in text(answer)
    settings.SMS_URL = "https://sms.example.org/"
    assert client.post("/me/contacts", phone).status_code == 302
    assert "+48•••89" in text(client.get("/me/"))
    settings.APPRISE_SCHEMES = ["ntfys"]
    assert "Apprise" not in text(client.get("/me/"))
    admin = AdminFactory()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    assert "Apprise" in text(client.get("/me/"))


def test_methods_are_moved_and_tried(sign_in):
    client = sign_in()
    first, second = ContactMethodFactory.create_batch(2, user=client.user)
    client.post(reverse("method_move", args=[second.pk]), {"to": "up"})
    assert list(ContactMethod.objects.filter(user=client.user)) == [second, first]
    client.post(reverse("method_move", args=[second.pk]), {"to": "down"})
    assert list(ContactMethod.objects.filter(user=client.user)) == [first, second]
    client.post(reverse("method_test", args=[first.pk]))
    assert Notification.objects.get().contact_method == first
    theirs = reverse("method_test", args=[ContactMethodFactory().pk])
    assert client.post(theirs).status_code == 404
    unverified = ContactMethodFactory(user=client.user, verified_at=None)
    url = reverse("method_test", args=[unverified.pk])
    assert "the code is its test" in text(client.post(url, follow=True))


def test_rules_are_added_previewed_and_removed(sign_in):
    client = sign_in()
    method = ContactMethodFactory(user=client.user, label="Work mail")
    rule = {"urgency": "high", "method": method.pk, "minutes": 5}
    assert client.post("/me/rules", rule).status_code == 302
    page = text(client.get("/me/"))
    assert "A page: Email (Work mail) after 5 min." in page
    again = client.post("/me/rules", rule)
    assert again.status_code == 422
    assert "already" in text(again)
    assert client.post("/me/rules", {**rule, "minutes": -1}).status_code == 422
    theirs = {**rule, "method": ContactMethodFactory().pk}
    assert client.post("/me/rules", theirs).status_code == 422
    pk = NotificationRule.objects.get().pk
    assert sign_in().post(reverse("rule_remove", args=[pk])).status_code == 404
    client.post(reverse("rule_remove", args=[pk]))
    assert not NotificationRule.objects.exists()


@pytest.mark.parametrize("role", [None, *ROLES])
def test_tables_are_for_responders_and_kept_by_managers(sign_in, team, service, role):
    client = sign_in(role)
    line = EscalationContactFactory(service=service)
    for url in (
        reverse("service_contacts", args=["arq"]),
        reverse("team_contacts", args=[team.slug]),
    ):
        seen = {None: 404, "viewer": 403}.get(role, 200)
        kept = {None: 404, "manager": 302}.get(role, 403)
        assert client.get(url).status_code == seen
        assert client.post(url, LINE).status_code == kept
    for name in ("contact_move", "contact_test", "contact_edit", "contact_remove"):
        url = reverse(name, args=[line.pk])
        wanted = {None: {404}, "manager": {302, 422}}.get(role, {403})
        assert client.post(url).status_code in wanted, name


def test_a_line_is_kept_with_its_links(sign_in, team, service, schedule):
    client = sign_in("manager")
    page = reverse("service_contacts", args=["arq"])
    person = client.user
    client.post(page, {**LINE, "user_id": person.pk, "schedule_id": schedule.pk})
    line = EscalationContact.objects.get()
    assert (line.value, line.user, line.schedule) == ("+48123456789", person, schedule)
    seen = text(client.get(page))
    assert 'href="tel:+48123456789"' in seen
    assert schedule.name in seen

    edit = reverse("contact_edit", args=[line.pk])
    assert "+48123456789" in text(client.get(edit))
    assert client.post(edit, {**LINE, "value": "?"}).status_code == 422
    client.post(edit, {**LINE, "kind": "email", "value": "lead@example.org"})
    line.refresh_from_db()
    assert (line.kind, line.user) == ("email", None)

    client.post(page, {**LINE, "title": "DBA", "value": "?", "is_placeholder": "on"})
    second = EscalationContact.objects.get(title="DBA")
    client.post(reverse("contact_move", args=[second.pk]), {"to": "up"})
    assert [row.title for row in service.contacts.all()] == ["DBA", "Team lead"]
    assert "It has no real value yet." in text(client.get(page))

    client.post(reverse("contact_test", args=[line.pk]), {"next": page})
    assert Notification.objects.get().contact == line
    refused = client.post(
        reverse("contact_test", args=[second.pk]), {"next": page}, follow=True
    )
    assert "no real value" in text(refused)
    client.post(reverse("contact_remove", args=[line.pk]))
    assert EscalationContact.objects.get() == second


def test_a_table_of_a_team_shows_on_its_page(sign_in, team):
    client = sign_in("manager")
    client.post(reverse("team_contacts", args=[team.slug]), LINE)
    page = text(client.get(reverse("team_detail", args=[team.slug])))
    assert "Escalation contacts" in page
    assert "tel:+48123456789" in page
    viewer = text(sign_in("viewer").get(reverse("team_detail", args=[team.slug])))
    assert "Escalation contacts" not in viewer


def test_a_service_page_tries_its_contacts(sign_in, service):
    line = EscalationContactFactory(service=service)
    url = reverse("contact_test", args=[line.pk])
    page = reverse("service_detail", args=["arq"])
    assert url in text(sign_in("manager").get(page))
    assert url not in text(sign_in("responder").get(page))


def test_an_unknown_service_and_line_are_not_there(sign_in, team):
    client = sign_in("manager")
    assert client.get("/services/nowhere/contacts/").status_code == 404
    theirs = EscalationContactFactory()
    assert client.get(reverse("contact_edit", args=[theirs.pk])).status_code == 404


def test_a_table_asks_the_same_number_of_questions(sign_in, service, schedule):
    client, counts = sign_in("manager"), []
    url = reverse("service_contacts", args=["arq"])
    client.get(url)
    for more in (1, 2):
        EscalationContactFactory.create_batch(
            more, service=service, user=UserFactory(), schedule=schedule
        )
        counts.append(count(client, url))
    assert counts[0] == counts[1]


def test_the_log_says_who_how_and_what_failed(sign_in, team):
    line = EscalationContactFactory(service=None, team=team, title="DBA")
    failed = NotificationFactory(team=team, state="failed", next_try_at=None)
    NotificationFactory(team=team, recipient=None, contact_method=None, contact=line)
    phone = ContactMethodFactory(kind="sms", address="+48123456789")
    lead = NotificationFactory(
        team=team, contact_method=phone, recipient=phone.user, state="sent", sent_at=NOW
    )
    NotificationFactory(
        team=team, contact_method=phone, recipient=phone.user, state="bundled",
        sent_at=NOW, bundled_into=lead,
    )  # fmt: skip
    client = sign_in("responder")
    page = text(client.get("/notifications/"))
    assert "1 message could not be delivered" in page
    assert "DBA" in page
    assert "+48•••89" in page
    assert "with “" in page
    by_sms = client.get("/notifications/", {"kind": "sms"}).context["rows"]
    assert {row.contact_method for row, *_ in by_sms} == {phone}
    by_mail = client.get("/notifications/", {"kind": "email"}).context["rows"]
    assert len(by_mail) == 2
    client.post("/notifications/retry-failed")
    failed.refresh_from_db()
    assert failed.state == "pending"
    assert "could not be delivered" not in text(client.get("/notifications/"))


def test_the_log_says_that_a_server_of_everybody_is_down(sign_in, team):
    Endpoint.objects.create(
        digest="x", kind="email", label="the mail server", failures=5, used_at=NOW,
        retry_at=NOW + timedelta(seconds=20),
    )  # fmt: skip
    assert "The mail server does not answer" in text(
        sign_in("viewer").get("/notifications/")
    )
