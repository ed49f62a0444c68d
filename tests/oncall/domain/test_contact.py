import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.contact import (
    KIND_OF_TRANSPORT,
    ContactError,
    ContactKind,
    mask_contact,
    normalise_contact,
)

EMAIL, PHONE = ContactKind.EMAIL, ContactKind.PHONE
SLACK, URL = ContactKind.SLACK, ContactKind.URL
TEAMS, APPRISE = ContactKind.TEAMS, ContactKind.APPRISE
PAGERDUTY, SLACK_APP = ContactKind.PAGERDUTY, ContactKind.SLACK_APP
KEY = "0123456789abcdefABCDEF0123456789"
HOOK = "https://hooks.slack.com/services/T000/B000/secret"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (EMAIL, " Ops.Desk+arq@Example.ORG ", "Ops.Desk+arq@example.org"),
        (EMAIL, "ops@bücher.example", "ops@xn--bcher-kva.example"),
        (PHONE, "+48 12 345-67-89", "+48123456789"),
        (PHONE, "0048 (12) 345.67.89", "+48123456789"),
        (PHONE, "+44 (0)20 7946 0018", "+442079460018"),
        (SLACK, f" {HOOK} ", HOOK),
        (
            SLACK,
            "HTTPS://Hooks.Slack.com:443/x?y=1#z",
            "https://hooks.slack.com:443/x?y=1",
        ),
        (URL, "http://Status.Example.org", "http://status.example.org"),
        (URL, "https://[2001:DB8::1]:8443/a", "https://[2001:db8::1]:8443/a"),
        (URL, "https://example.org./a", "https://example.org/a"),
        (TEAMS, "https://X.webhook.office.com/y", "https://x.webhook.office.com/y"),
        (PAGERDUTY, f" {KEY}\n", KEY),
        (SLACK_APP, "xoxb-11-22-aBcDe , C0123ABCD", "xoxb-11-22-aBcDe C0123ABCD"),
    ],
)
def test_a_value_has_one_spelling(kind, value, expected):
    assert normalise_contact(kind, value) == expected
    assert normalise_contact(kind, expected) == expected


@pytest.mark.parametrize(
    ("kind", "value", "remedy"),
    [
        *((kind, "  ", "Fill it in") for kind in ContactKind),
        (SLACK_APP, "xoxp-1-2 C0123ABCD", "the bot's token"),
        (EMAIL, "ops", "name and a domain"),
        (EMAIL, "@example.org", "name and a domain"),
        (EMAIL, "ops@", "name and a domain"),
        (EMAIL, "ops@localhost", "full domain"),
        (EMAIL, "ops desk@example.org", "mail cannot carry"),
        (EMAIL, "ops\r\nBcc: x@example.org", "mail cannot carry"),
        (EMAIL, "a..b@example.org", "mail cannot carry"),
        (EMAIL, f"{'a' * 65}@example.org", "mail cannot carry"),
        (EMAIL, "ops@exa_mple.org", "valid host"),
        (EMAIL, "ops@-example.org", "valid host"),
        (EMAIL, "ops@a..b", "valid host"),
        (EMAIL, f"ops@{'a.' * 130}org", "valid host|254"),
        (EMAIL, f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}", "254"),
        (PHONE, "12 345 67 89", "country code"),
        (PHONE, "[Phone number]", "country code"),
        (PHONE, "+1-XXX-XXX", "7 to 15 digits"),
        (PHONE, "+0123456789", "7 to 15 digits"),
        (PHONE, "+48123", "7 to 15 digits"),
        (PHONE, "+4812345678901234", "7 to 15 digits"),
        (PHONE, "+\uff14\uff18123456789", "7 to 15 digits"),
        (SLACK, "http://hooks.slack.com/services/x", "https://"),
        (SLACK, "http://127.0.0.1:9000/hook", "https://"),
        (SLACK, "https://hooks.slack.com/", "whole webhook"),
        (SLACK, "#incidents", "web address"),
        (URL, "example.org", "web address"),
        (URL, "ftp://example.org/x", "web address"),
        (URL, "javascript:alert(1)", "web address"),
        (URL, "https:///x", "web address"),
        (URL, "https://example.org:0/x", "web address"),
        (URL, "https://example.org:99999/x", "web address"),
        (URL, "https://[::1/x", "web address"),
        (URL, "https://user:pw@example.org/", "user name"),
        (URL, "https://example.org/a b", "no address has"),
        (URL, "https://example.org\\@evil.example/", "no address has"),
        (URL, "https://example.org/\x00", "no address has"),
        (URL, "https://a..b/", "valid host"),
        (URL, f"https://example.org/{'a' * 2000}", "Shorten"),
        (TEAMS, "http://x.webhook.office.com/y", "https://"),
        (TEAMS, "https://x.webhook.office.com", "whole webhook"),
        (PAGERDUTY, KEY[:-1], "32 letters"),
        (PAGERDUTY, f"{KEY[:-1]}-", "32 letters"),
        (APPRISE, "ntfys", "Apprise URL"),
        (APPRISE, "ntfys://a b", "Apprise URL"),
        (APPRISE, f"ntfys://{'a' * 2000}", "Apprise URL"),
        (APPRISE, "ntfys://a", "ntfys://, which the operator.*none yet"),
    ],
)
def test_what_cannot_work_names_the_field_and_the_remedy(kind, value, remedy):
    with pytest.raises(ContactError, match=remedy) as caught:
        normalise_contact(kind, value)
    assert caught.value.field == kind
    assert caught.value.message


def test_a_webhook_on_this_machine_may_be_plain_when_it_is_allowed():
    local = "http://127.0.0.1:9000/hook"
    assert normalise_contact(SLACK, local, allows_loopback_http=True) == local
    with pytest.raises(ContactError, match="https"):
        normalise_contact(SLACK, "http://10.0.0.1/hook", allows_loopback_http=True)


def test_an_apprise_url_needs_a_scheme_that_is_allowed():
    schemes = {"ntfys", "tgram"}

    def normal(value):
        return normalise_contact(APPRISE, value, apprise_schemes=schemes)

    assert normal(" NTFYS://Topic/x ") == "ntfys://Topic/x"
    with pytest.raises(ContactError, match="ntfys, tgram"):
        normal("file:///etc/passwd")


def test_every_transport_has_a_kind():
    assert set(KIND_OF_TRANSPORT.values()) == set(ContactKind)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (EMAIL, "ops.desk@example.org", "o•••@example.org"),
        (PHONE, "+48123456789", "+48•••89"),
        (SLACK, HOOK, "hooks.slack.com/•••"),
        (URL, "https://example.org:8443/token/abc", "example.org/•••"),
        (TEAMS, "https://x.webhook.office.com/y", "x.webhook.office.com/•••"),
        (PAGERDUTY, KEY, "key •••6789"),
        (APPRISE, "tgram://123:token/chat", "tgram://•••"),
        (SLACK_APP, "xoxb-1-2-secret C0123ABCD", "C0123ABCD with a bot"),
    ],
)
def test_a_masked_value_tells_which_one_but_not_how_to_use_it(kind, value, shown):
    assert mask_contact(kind, value) == shown


@given(st.sampled_from(ContactKind), st.text(max_size=40))
def test_any_text_is_normal_or_refused_and_normal_is_final(kind, text):
    try:
        value = normalise_contact(kind, text)
    except ContactError:
        return
    assert normalise_contact(kind, value) == value
    assert value.isascii() or kind in (SLACK, URL, TEAMS)
    assert not any(char.isspace() for char in value)
