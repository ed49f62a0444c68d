"""Teams, the own profile and the delivery log, without JavaScript."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oncall.models import (
    ApiToken,
    Channel,
    ContactMethod,
    Endpoint,
    Notification,
    QuietHours,
    Secret,
)
from tests.conftest import NOW
from tests.factories.oncall import (
    AdminFactory,
    ApiTokenFactory,
    ChannelFactory,
    ContactMethodFactory,
    MembershipFactory,
    NotificationFactory,
    SecretFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def text(answer):
    return answer.content.decode()


def count(client, url):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_a_stranger_sees_no_team_and_an_admin_all(sign_in, team, client):
    assert "You are in no team yet" in text(sign_in().get("/teams/"))
    client.force_login(
        AdminFactory(), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert team.name in text(client.get("/teams/"))


def test_a_team_page_asks_as_much_about_one_member_as_about_three(sign_in, team):
    client, url = sign_in("manager"), reverse("team_detail", args=[team.slug])
    client.get(url)
    counts = []
    for rows in (1, 2):
        for member in MembershipFactory.create_batch(rows, team=team):
            ContactMethodFactory(user=member.user)
            ChannelFactory(team=team)
            SecretFactory(team=team)
        counts.append(count(client, url))
    assert counts[0] == counts[1]


def test_viewers_see_names_but_no_addresses_and_nobody_sees_secrets(sign_in, team):
    member = MembershipFactory(team=team)
    channel = ChannelFactory(
        team=team, kind="slack", address="https://hooks.slack.com/services/T/B/hush"
    )
    secret = SecretFactory(team=team, value="very-hush", hosts=["db.example.org"])
    pages = {
        role: text(sign_in(role).get(f"/teams/{team.slug}/"))
        for role in ("viewer", "responder", "manager")
    }
    for role, page in pages.items():
        assert member.user.name in page
        assert (member.user.email in page) is (role != "viewer")
        assert (secret.name in page) is (role == "manager")
        assert "very-hush" not in page
        assert "services/T/B/hush" not in page
        assert channel.name in page
    assert "hooks.slack.com/•••" in pages["responder"]


def test_a_manager_adds_changes_and_removes_people(sign_in, team):
    client, user = sign_in("manager"), UserFactory()
    url = f"/teams/{team.slug}/members"
    unknown = client.post(url, {"login": "ghost", "role": "viewer"})
    assert unknown.status_code == 422
    assert "Nobody has this email" in text(unknown)
    assert client.post(url, {"login": "", "role": "x"}).status_code == 422

    client.post(url, {"login": user.email, "role": "viewer"})
    member = user.memberships.get()
    role_url = reverse("member_role", args=[team.slug, member.pk])
    client.post(role_url, {"role": "responder"})
    member.refresh_from_db()
    assert member.role == "responder"
    assert "one of the roles" in text(
        client.post(role_url, {"role": "king"}, follow=True)
    )
    mine = reverse("member_remove", args=[team.slug, client.user.memberships.get().pk])
    assert "needs a manager" in text(client.post(mine, follow=True))
    client.post(reverse("member_remove", args=[team.slug, member.pk]))
    assert not user.memberships.exists()


CHANNEL = {"name": "#ops", "kind": "email", "address": "ops@example.org"}


def test_a_manager_keeps_channels_and_tests_them(sign_in, team):
    client = sign_in("manager")
    url = f"/teams/{team.slug}/channels"
    assert client.post(url, {**CHANNEL, "address": "x"}).status_code == 422
    client.post(url, {**CHANNEL, "is_enabled": "on"})
    channel = Channel.objects.get()

    client.post(reverse("channel_test", args=[team.slug, channel.pk]))
    assert Notification.objects.get().subject == "Test from opsportal"

    edit = reverse("channel_edit", args=[team.slug, channel.pk])
    assert "ops@example.org" not in text(client.get(edit))
    assert client.post(edit, {**CHANNEL, "name": ""}).status_code == 422
    slack = {"name": "#ops", "kind": "slack"}
    assert client.post(edit, slack).status_code == 422
    client.post(edit, {"name": "#all", "kind": "email"})
    channel.refresh_from_db()
    assert (channel.name, channel.address) == ("#all", "ops@example.org")

    off = client.post(
        reverse("channel_test", args=[team.slug, channel.pk]), follow=True
    )
    assert "Switch it on" in text(off)
    client.post(reverse("channel_delete", args=[team.slug, channel.pk]))
    assert not Channel.objects.exists()


def test_a_manager_keeps_secrets(sign_in, team):
    client, url = sign_in("manager"), f"/teams/{team.slug}/secrets"
    fields = {"name": "db", "value": " hush ", "hosts": "a.example.org, b.example.org"}
    client.post(url, fields)
    secret = Secret.objects.get()
    assert (secret.value, secret.hosts) == (
        " hush ",
        ["a.example.org", "b.example.org"],
    )
    assert client.post(url, {**fields, "hosts": "a/b"}).status_code == 422
    client.post(reverse("secret_delete", args=[team.slug, secret.pk]))
    assert not Secret.objects.exists()


def test_a_channel_of_another_team_is_not_there(sign_in, team):
    other = ChannelFactory()
    url = reverse("channel_test", args=[team.slug, other.pk])
    assert sign_in("manager").post(url).status_code == 404


def test_a_profile_is_edited(sign_in):
    client = sign_in("viewer")
    client.post("/me/profile", {"name": "Engineer Z", "time_zone": "Asia/Tokyo"})
    client.user.refresh_from_db()
    assert (client.user.name, client.user.time_zone) == ("Engineer Z", "Asia/Tokyo")
    wrong = client.post("/me/profile", {"name": "", "time_zone": "Mars/Base"})
    assert wrong.status_code == 422
    assert "IANA" in text(wrong)

    client.post("/me/quiet", {"starts": "22:00", "ends": "07:00"})
    assert QuietHours.objects.get().user == client.user
    assert "22:00" in text(client.get("/me/"))
    assert client.post("/me/quiet", {"starts": "22:00"}).status_code == 422


def test_a_contact_method_is_added_verified_and_removed(sign_in):
    client = sign_in("viewer")
    fields = {"kind": "email", "address": "me@example.org", "label": ""}
    assert client.post("/me/contacts", {**fields, "address": "x"}).status_code == 422
    client.post("/me/contacts", fields)
    method = ContactMethod.objects.get()
    assert "not verified" in text(client.get("/me/"))

    urls = {
        name: reverse(f"method_{name}", args=[method.pk])
        for name in ("verify", "resend", "remove")
    }
    wrong = client.post(urls["verify"], {"code": "1"}, follow=True)
    assert "not the code" in text(wrong)
    assert "Wait a minute" in text(client.post(urls["resend"], follow=True))
    ContactMethod.objects.update(code_sent_at=NOW - timedelta(minutes=2))
    client.post(urls["resend"])
    code = re.match(r"\d{4} \d{4}", Notification.objects.first().text).group()
    for stranger in (sign_in("manager"),):
        assert stranger.post(urls["verify"], {"code": code}).status_code == 404
    client.post(urls["verify"], {"code": code})
    method.refresh_from_db()
    assert method.verified_at == NOW
    client.post(urls["remove"])
    assert not ContactMethod.objects.exists()


def test_a_token_is_shown_once(sign_in, team):
    client = sign_in("responder")
    fields = {"name": "CI", "scopes": ["read"], "team": team.pk, "lifetime": "30"}
    made = client.post("/me/tokens", fields)
    plain = re.search(r"opp_api_[0-9a-f]{8}_[\w-]+_[0-9a-f]{8}", text(made)).group()
    assert "no-store" in made["Cache-Control"]
    page = text(client.get("/me/"))
    assert plain not in page
    assert ApiToken.objects.get().prefix in page
    assert ApiToken.objects.get().team == team

    token = ApiToken.objects.get()
    client.post(reverse("token_revoke", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at == NOW
    assert client.post("/me/tokens", {**fields, "scopes": []}).status_code == 422


def test_a_token_asks_for_the_password_and_others_tokens_are_not_there(sign_in, team):
    client = sign_in("responder", is_fresh=False)
    assert "/reauthenticate/" in client.post("/me/tokens", {"name": "CI"}).url
    url = reverse("token_revoke", args=[ApiTokenFactory().pk])
    assert client.post(url).status_code == 404


def test_a_team_that_is_left_while_the_form_is_open(sign_in, team, monkeypatch):
    client = sign_in("responder")
    # The choice was right when the form was checked, and no longer when it acts.
    monkeypatch.setattr("oncall.services.tokens._belongs", lambda *a: False)
    fields = {"name": "CI", "scopes": ["read"], "team": team.pk, "lifetime": "30"}
    assert client.post("/me/tokens", fields).status_code == 422


def test_who_has_no_password_here_is_not_asked_for_one(sign_in, team):
    client = sign_in("manager", is_fresh=False)
    client.user.set_unusable_password()
    client.user.save()
    client.force_login(client.user, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"name": "CI", "scopes": ["read"], "team": "", "lifetime": "30"}
    assert client.post("/me/tokens", fields).status_code == 200


def test_the_log_shows_the_teams_messages_and_one_s_own(sign_in, team):
    client = sign_in("viewer")
    NotificationFactory(team=team, subject="Ours", recipient=client.user)
    NotificationFactory(subject="Theirs")
    NotificationFactory(team=None, recipient=client.user, subject="Mine alone")
    NotificationFactory(team=None, subject="Somebody's")
    page = text(client.get("/notifications/"))
    assert "Ours" in page
    assert "Mine alone" in page
    assert "Theirs" not in page
    assert "Somebody" not in page
    assert "Nothing here" in text(sign_in().get("/notifications/"))


def test_the_log_is_filtered_and_nonsense_is_no_filter(sign_in, team):
    NotificationFactory(team=team, subject="Low one")
    NotificationFactory(
        team=team, subject="Page", urgency="high", state="failed", last_error="no"
    )
    channel = ChannelFactory(team=team, name="#ops")
    NotificationFactory(team=team, recipient=None, contact_method=None, channel=channel)
    NotificationFactory(
        team=team, recipient=None, contact_method=None, subject="Orphan"
    )
    client = sign_in("viewer")

    def subjects(**query):
        page = client.get("/notifications/", query)
        return {row.subject for row, *_ in page.context["rows"]}

    assert subjects(state="failed") == {"Page"}
    assert subjects(urgency="high") == {"Page"}
    assert subjects(q="low") == {"Low one"}
    assert len(subjects(state="nonsense", page="99")) == 4
    assert "#ops" in text(client.get("/notifications/"))


def test_the_log_asks_as_much_about_one_row_as_about_three(sign_in, team):
    client = sign_in("viewer")
    client.get("/notifications/")
    counts = []
    for rows in (1, 2):
        for row in NotificationFactory.create_batch(rows, team=team):
            row.tries.create(number=1, started_at=NOW, outcome="failed")
        counts.append(count(client, "/notifications/"))
    assert counts[0] == counts[1]


def test_a_responder_sends_a_failed_message_again(sign_in, team):
    row = NotificationFactory(team=team, state="failed", next_try_at=None)
    url = reverse("notification_retry", args=[row.pk])
    assert url not in text(sign_in("viewer").get("/notifications/"))
    client = sign_in("responder")
    assert url in text(client.get("/notifications/"))
    client.post(url)
    row.refresh_from_db()
    assert (row.state, row.next_try_at) == ("pending", NOW)
    assert "Only a failed" in text(client.post(url, follow=True))


def test_one_s_own_failed_code_may_be_sent_again(sign_in):
    client = sign_in()
    row = NotificationFactory(team=None, recipient=client.user, state="failed")
    client.post(reverse("notification_retry", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "pending"


def test_an_act_answers_htmx_with_its_message_alone(sign_in, team):
    row = NotificationFactory(team=team, state="sent", sent_at=NOW)
    client = sign_in("responder")
    url = reverse("notification_retry", args=[row.pk])
    answer = client.post(url, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Reswap"]) == (409, "none")
    assert "Only a failed" in text(answer)
    Notification.objects.update(state="failed")
    done = client.post(url, headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == "/notifications/"
    Notification.objects.update(state="failed")
    back = client.post(url, {"next": "/oncall/"})
    assert back.url == "/oncall/"


def test_the_log_of_one_person_and_of_one_thing(sign_in, team):
    client = sign_in("viewer")
    mine = NotificationFactory(team=team, recipient=client.user, topic="alert:12")
    NotificationFactory(team=team, topic="alert:123")

    def rows(**query):
        page = client.get("/notifications/", query)
        return [row for row, *_ in page.context["rows"]]

    assert rows(person=client.user.pk) == rows(topic="alert:12") == [mine]
    assert 'href="?topic=alert%3A12"' in text(client.get("/notifications/"))


def test_managers_see_on_every_page_that_a_page_reached_nobody(sign_in, team):
    failed = {"team": team, "urgency": "high", "state": "failed", "created_at": NOW}
    NotificationFactory(**failed, topic="alert:1", dedupe_key="a:u1:m1")
    NotificationFactory(**failed, topic="alert:1", dedupe_key="a:u1:m2")
    NotificationFactory(**failed, topic="alert:1", dedupe_key="a:u2:m3")
    arrived = {**failed, "state": "sent", "sent_at": NOW}
    NotificationFactory(**arrived, topic="alert:1", dedupe_key="a:u2:m4:60")
    NotificationFactory(
        **{**failed, "created_at": NOW - timedelta(hours=25)}, dedupe_key="b:u1:m1"
    )
    words = "1 page has reached nobody in the last 24 hours."
    page = text(sign_in("manager").get("/teams/"))
    assert words in page
    assert "/notifications/?state=failed&amp;urgency=high" in page
    assert words not in text(sign_in("responder").get("/teams/"))
    caches["fragments"].clear()
    Endpoint.objects.create(
        digest="x", kind="email", label="the mail server", failures=5,
        retry_at=NOW, used_at=NOW,
    )  # fmt: skip
    Notification.objects.filter(state="failed").update(state="pending")
    page = text(sign_in("manager").get("/teams/"))
    assert "The mail server does not answer." in page
    assert "nobody in the last" not in page
