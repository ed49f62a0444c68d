"""Every address is closed unless it says for whom it is open."""

from django.contrib.auth.models import AnonymousUser
from django.urls import URLPattern, get_resolver

from oncall.access import MEMBER, PUBLIC
from oncall.domain.permission import ACTIONS

# Packages that keep their own doors, each tested for its own: sign-in, the admin
# for staff, and the API for tokens.
KEEP_THEIR_DOOR = ("accounts/", "admin/", "api/v1/")
# Open to anybody, each for a reason: machines ask them, or nobody is signed in yet.
OPEN_TO_ALL = {
    # Senders of alerts, each with its key; Alertmanager's API has no names.
    None,
    "door_alertmanager",
    "door_change",
    "door_create_event",
    "door_enqueue",
    "door_grafana",
    "door_email",
    "door_heartbeat",
    "door_sentry",
    "door_sns",
    "door_webhook",
    # A signed address that shows a status and nothing else.
    "badge",
    "health_engine",
    "healthz",
    "ping",
    "ping_word",
    "ical_own",
    "ical_schedule",
    # A signed link of one person, sent to them; looking changes nothing.
    "mail_link",
    # Whoever asks for mails about a public page, and their secret links.
    "subscribe",
    "subscription_confirm",
    "unsubscribe",
    # Slack, with its signature.
    "slack_commands",
    "slack_events",
    "slack_interactions",
    "metrics",
    # Files that were written for the public.
    "public_status",
    "public_status_file",
    "readyz",
    "choose_theme",
}
# Whoever calls these has no cookie of ours: the secret is in the address or header.
NEED_NO_CSRF_TOKEN = (
    "api/v1/",
    "ping/",
    "api/v2/",
    "generic/",
    "ingest/",
    "slack/",
    "unsubscribe/",
    "v2/",
)


def walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.name, pattern.callback
        else:
            yield from walk(pattern.url_patterns, route)


VIEWS = list(walk(get_resolver().url_patterns))
OURS = [view for view in VIEWS if not view[0].startswith(KEEP_THEIR_DOOR)]


def test_every_view_declares_what_it_is_for():
    known = {*ACTIONS, MEMBER, PUBLIC}
    silent = [r for r, _, view in OURS if getattr(view, "action", None) not in known]
    assert silent == []
    assert len(OURS) > 50


def test_only_reviewed_views_are_open_to_all():
    open_to_all = {name for _, name, view in OURS if view.action == PUBLIC}
    assert open_to_all == OPEN_TO_ALL


def test_a_stranger_is_sent_to_sign_in_from_every_other_view(rf):
    request = rf.get("/")
    request.user = AnonymousUser()
    doors = [view for _, _, view in OURS if view.action != PUBLIC]
    answers = {view(request).status_code for view in doors}
    assert answers == {302}


def test_only_reviewed_views_need_no_csrf_token():
    exempt = [route for route, _, v in VIEWS if getattr(v, "csrf_exempt", False)]
    assert [r for r in exempt if not r.startswith(NEED_NO_CSRF_TOKEN)] == []
    assert any(route.startswith("ping/") for route in exempt)


def test_every_name_is_given_once():
    names = [name for _, name, _ in OURS if name]
    assert sorted(set(names)) == sorted(names)
