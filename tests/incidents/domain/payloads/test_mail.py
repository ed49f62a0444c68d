"""Mail: what monitors write becomes one alert that begins and ends."""

import time
from datetime import timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.payloads.mail import find_keys, find_keys_of, read_mail
from incidents.domain.payloads.mail_text import MOST_READ, open_letter
from incidents.domain.payloads.signal import ParseError
from tests.conftest import NOW

KEY = "a1b2" * 8
WORDS = ("SEV 1", "minor")


def write(subject="Disk full", text="3 % left", **headers) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Monitor <root@db1.example.org>"
    mail["Message-ID"] = "<1@db1.example.org>"
    if subject:
        mail["Subject"] = subject
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def read(body: bytes, mapping=None, words=WORDS):
    return read_mail(body, mapping or {}, words, NOW)


def test_a_mail_is_one_signal():
    mail = read(write(Date="Wed, 14 Jan 2026 10:20:00 +0000"))
    signal = mail.signal
    assert mail.message_id == "<1@db1.example.org>"
    assert (signal.action, signal.summary) == ("trigger", "Disk full")
    assert (signal.description, signal.severity) == ("3 % left", "")
    assert signal.labels == {"source": "root@db1.example.org"}
    assert signal.starts_at == NOW - timedelta(minutes=10)


# As Nagios, Icinga, Zabbix, Alertmanager, Grafana, CloudWatch and Azure write them.
PAIRS = [
    (
        "** PROBLEM Service Alert: web/http is CRITICAL **",
        "** RECOVERY Service Alert: web/http is OK **",
    ),
    ("[PROBLEM] http on web is DOWN!", "[RECOVERY] http on web is UP!"),
    ("Problem: Load on db1", "Resolved in 1d 2h 5m 3s: Load on db1"),
    ("[FIRING:1] DiskFull (db1)", "[RESOLVED] DiskFull (db1)"),
    ("[FIRING:2, RESOLVED:1] DiskFull", "[RESOLVED:3] DiskFull"),
    ('ALARM: "cpu" in EU (Ireland)', 'OK: "cpu" in EU (Ireland)'),
    ("[prod] [eu] SEV 1: web is down", "Re: [prod] [eu] Resolved: web is up"),
]


@pytest.mark.parametrize(("fired", "over"), PAIRS)
def test_an_end_has_the_key_of_what_it_ends(fired, over):
    first, last = read(write(fired)).signal, read(write(over)).signal
    assert (first.action, last.action) == ("trigger", "resolve")
    assert first.dedup_key == last.dedup_key
    other = write(over, From="root@db2.example.org")
    assert read(other).signal.dedup_key != last.dedup_key


def test_an_acknowledgement_has_it_too():
    first = read(write("** PROBLEM Host Alert: web is DOWN **")).signal
    taken = read(write("** ACKNOWLEDGEMENT Host Alert: web is DOWN **")).signal
    assert (taken.action, taken.dedup_key) == ("acknowledge", first.dedup_key)


@pytest.mark.parametrize(
    "subject",
    [
        "Up to 30 % of the packets are lost",
        "UP TO 30 % OF THE PACKETS ARE LOST",
        "Recovery of the backup failed",
        "Closed port on fw1 is open",
        "Not OK: backup",
        "Backup is OK",
        "[] ok so what",
        "[a] [b] [c] [d] [e] OK: five tags",
        "***",
    ],
)
def test_what_is_not_surely_over_begins(subject):
    assert read(write(subject)).signal.action == "trigger"


@pytest.mark.parametrize(
    ("subject", "severity"),
    [
        ("** PROBLEM web is CRITICAL **", "CRITICAL"),
        ("Sev 1: web", "Sev 1"),
        ("A minor trouble", "minor"),
        ("Low disk space: more info", ""),
        ("Errors in the log", ""),
    ],
)
def test_severity_is_a_word_that_somebody_explained(subject, severity):
    assert read(write(subject)).signal.severity == severity


def test_a_mapping_says_where_things_are():
    body = write(
        "Monitor is UP: web",
        "See https://status.example.org/web.",
        X_Severity="P2",
        X_Check="web-7",
    )
    mapping = {
        "status": "words.2",
        "severity": "headers.x-severity",
        "dedup_key": "headers.x-check",
        "url": "links.0",
        "metric": "headers.x-metric",
    }
    signal = read(body, mapping).signal
    assert (signal.action, signal.severity) == ("resolve", "P2")
    assert (signal.dedup_key, signal.metric) == ("web-7", "")
    assert signal.source_url == "https://status.example.org/web."
    # Where the mapping leads nowhere, a mail is read as any other.
    assert read(write(), mapping).signal.dedup_key == read(write()).signal.dedup_key


def test_without_words_a_mail_is_known_by_its_id():
    signal = read(write("", "Out of paper\nin room 3")).signal
    assert signal.summary == "Out of paper"
    again = write("", "Out of paper\nin room 3", Message_ID="<2@db1.example.org>")
    assert read(again).signal.dedup_key != signal.dedup_key
    assert read(b"From: a@b.example\r\n\r\n").signal.summary == "A mail without words"
    # Words that only say how it goes are no name of a thing.
    later = write("[FIRING]", Message_ID="<2@db1.example.org>")
    assert read(later).signal.dedup_key != read(write("[OK]")).signal.dedup_key


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"hello", "body"),
        (b'{"summary": "x"}', "body"),
        (write(Auto_Submitted="auto-replied (vacation)"), "auto-submitted"),
        (
            write(
                Auto_Submitted="auto-generated",
                Message_ID=f"<{'0a' * 20}@example.org>",
                X_Auto_Response_Suppress="All",
            ),
            "message-id",
        ),
    ],
)
def test_what_is_no_alert_is_refused(body, field):
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.field == field


def test_a_monitor_may_say_that_it_is_a_program():
    assert read(write(Auto_Submitted="auto-generated")).signal.summary == "Disk full"


@pytest.mark.parametrize(
    ("date", "is_believed"),
    [
        ("Wed, 14 Jan 2026 10:20:00", True),
        ("Wed, 14 Jan 2026 12:20:00 +0000", True),
        ("Thu, 1 Jan 1970 00:00:00 +0000", False),
        ("yesterday", False),
    ],
)
def test_a_clock_that_is_a_day_off_is_not_believed(date, is_believed):
    began = read(write(Date=date)).signal.starts_at
    assert (began is not None) == is_believed
    assert began is None or began <= NOW


def test_encodings_are_decoded():
    subject = "=?utf-8?b?UGxhdHRlIHZvbGwg4oCT?= =?iso-8859-1?q?_B=FCro?="
    letter = open_letter(f"Subject: {subject}\n\n".encode())
    assert letter.headers["subject"] == "Platte voll \u2013 Büro"
    assert (
        open_letter("Subject: Büro =?x\n\n".encode()).headers["subject"] == "Büro =?x"
    )
    for text in (
        "=?utf-8?b?a?=",
        "=?zlib?q?a?=",
        "=?punycode?q?a-b?=",
        "=?odd?q?=FF?=",
    ):
        assert open_letter(f"Subject: {text}\n\n".encode()).headers["subject"]


def html(written: str, charset="utf-8") -> bytes:
    head = f"From: a@b.example\nContent-Type: text/html; charset={charset}\n\n"
    return head.encode() + written.encode(charset)


def test_html_is_read_as_text():
    letter = open_letter(
        html(
            "<html><head><title>No</title><style>p{}</style></head><body>"
            "<h1>Disk &amp; more</h1><p>3 %<br>left < all</p><script>no()</script>"
            "<a href='https://example.org/x'>Look</a></body>",
            charset="utf-16",
        )
    )
    assert letter.text == "Disk & more\n3 %\nleft < all\nLook"
    assert letter.links == ("https://example.org/x",)


def test_plain_text_is_preferred_and_files_are_left():
    mail = EmailMessage()
    mail["From"] = "a@b.example"
    mail.set_content("plain, see (https://example.org/a)")
    mail.add_alternative("<p>rich</p>", subtype="html")
    mail.add_attachment("a file", filename="a.txt")
    letter = open_letter(mail.as_bytes())
    assert letter.text == "plain, see (https://example.org/a)"
    assert letter.links == ("https://example.org/a",)
    only_rich = EmailMessage()
    only_rich.set_content(" ")
    only_rich.add_alternative("<p>rich</p>", subtype="html")
    assert open_letter(only_rich.as_bytes()).text == "rich"


def test_keys_are_found_in_addresses():
    assert find_keys([f"alerts+{KEY.upper()}@example.org"]) == [KEY]
    assert find_keys([f"<{KEY}@example.org>, x@example.org"]) == [KEY]
    assert find_keys([f"x{KEY}@example.org", ""]) == []
    other = "c3d4" * 8
    body = write(To=f"a+{KEY}@example.org", Delivered_To=f"a+{other}@example.org")
    assert find_keys_of(body) == [other, KEY]


BAIT = {
    "nested parts": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 4_000,
    "nested letters": b"Content-Type: message/rfc822\n\n" * 15_000,
    "quadratic charset": html("x" * 100_000, "ascii").replace(b"ascii", b"punycode"),
    "open tags": html("<" * 100_000),
    "open comments": html("<!--" * 30_000),
    "many digits": b"Content-Type: multipart/mixed; boundary*"
    + b"9" * 9_000
    + b"=a\n\nx",
    "parentheses": b"From: " + b"(" * 100_000 + b"\nDate: " + b"(" * 100_000 + b"\n\n",
    "many headers": b"From: a\n" * 60_000,
    "long header": b"Subject: " + b"=?utf-8?q?a?= " * 40_000,
    "lines": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 100_000,
    "brackets": b"Subject: " + b"[" * 100_000 + b"\n\n",
    "at signs": b"From: " + b"a@" * 100_000 + b"\n\n",
}


@pytest.mark.parametrize("body", BAIT.values(), ids=BAIT.keys())
def test_no_mail_takes_long(body):
    began = time.process_time()
    assert isinstance(read(b"X: y\nDate: z\n" + body).signal.dedup_key, str)
    assert time.process_time() - began < 1


def test_of_a_long_mail_only_the_beginning_is_looked_at():
    assert len(open_letter(b"\n" + b"x" * 3 * MOST_READ).text) == MOST_READ - 1


NAMES = [
    "Subject",
    "From",
    "Date",
    "Message-ID",
    "Content-Type",
    "To",
    "Auto-Submitted",
]
VALUES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            *(
                b"multipart/mixed; boundary=b",
                b"text/html; charset=utf-7",
                b"text/plain",
            ),
            *(
                b"message/rfc822",
                b"=?utf-8?b?a?=",
                b"=?idna?q?=2e=2e?=",
                b"<a@b>",
                b"[OK]",
            ),
            *(b"multipart/x; boundary*0*=''%ff", b"text/plain; charset*=x'y'%e2"),
            *(
                b"message/delivery-status",
                b"multipart/digest",
                b"Wed, 99 Jan 2026 1:1:1",
            ),
        ]
    ),
)
PARTS = st.lists(
    st.sampled_from([b"--b\n", b"--b--\n", b"\n", b"<p>", b"&#0;"]) | VALUES
)


@given(
    headers=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=8),
    parts=PARTS,
    encoding=st.sampled_from(
        ["base64", "quoted-printable", "x-uuencode", "8bit", "odd"]
    ),
)
def test_whatever_a_mail_is_it_is_read_or_refused_by_field(headers, parts, encoding):
    lines = [b"%s: %s" % (name.encode(), value) for name, value in headers]
    lines.append(b"Content-Transfer-Encoding: " + encoding.encode())
    check(b"\n".join(lines) + b"\n\n" + b"".join(parts))


@given(body=st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_field(body):
    check(body)
    check(b"From: a@b.example\nContent-Type: text/html\n\n" + body)


def check(body: bytes) -> None:
    find_keys_of(body)
    try:
        mail = read(body)
    except ParseError:
        return
    signal = mail.signal
    assert signal.summary.strip()
    assert 0 < len(signal.dedup_key) <= 255
    assert len(mail.message_id) <= 255
    texts = [
        signal.summary,
        signal.description,
        mail.message_id,
        *signal.labels.values(),
    ]
    assert "\0" not in "".join(texts)
    assert "".join(texts).encode()
