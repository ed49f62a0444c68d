"""object: what a store of objects may answer; moto's own answers in tests/clients."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from checklists.probes import PROBES
from opsportal.kit.outbound import BoundSecret
from tests.targets import Reply

KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SECRETS = {"aws": BoundSecret(KEY, ("127.0.0.1",))}
SPEC = {
    "region": "eu-west-1",
    "bucket": "backups",
    "prefix": "architect/",
    "access_key": "AKIA",
    "secret_key": "{{secret:aws}}",
}
SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def listing(*objects, more=""):
    """Return a page of a list: key, bytes and age in hours each."""
    now = datetime.now(UTC)
    told = "".join(
        f"<Contents><Key>{key}</Key><Size>{size}</Size>"
        f"<LastModified>{(now - timedelta(hours=age)).isoformat()}</LastModified>"
        "</Contents>"
        for key, size, age in objects
    )
    if more:
        told += f"<NextContinuationToken>{more}</NextContinuationToken>"
    return xml(f"<ListBucketResult {SPACE}>{told}</ListBucketResult>")


def xml(text, status=200):
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return Reply(status, f"{head}{text}".encode())


def refusal(kind, status=403, told="no"):
    return xml(f"<Error><Code>{kind}</Code><Message>{told}</Message></Error>", status)


@pytest.fixture
def store(site, see):
    def look(reply, **more):
        site.routes["/backups"] = reply
        spec = SPEC | {"endpoint": site.url} | more
        return see("object", spec, secrets=SECRETS)

    return look


def test_the_newest_object_below_the_prefix_is_seen(store, site):
    seen = store(
        listing(
            ("architect/", 0, 0.1),
            ("architect/backup_1.sql.gz", 900, 49),
            ("architect/backup_3.sql.gz", 500, 1),
            ("architect/old/backup_2.sql.gz", 1000, 25),
            ("architect/notes.txt", 5, 0.1),
        ),
        pattern="backup_*.sql.gz",
    )
    assert seen.fields["age"] == pytest.approx(3600, abs=5)
    assert (seen.fields["size"], seen.fields["median_size"]) == (500, 900)
    assert (seen.fields["count"], seen.fields["name"]) == (
        3,
        "architect/backup_3.sql.gz",
    )
    assert seen.fields["latency"] > 0
    assert seen.detail.startswith("architect/backup_3.sql.gz, 500 bytes, 1:00:0")
    assert KEY not in repr((seen, site.seen))


def test_a_long_list_is_read_to_its_end(store, site):
    seen = store(
        [
            listing(("architect/a", 1, 3), more="a+b/c=="),
            listing(("architect/b", 2, 1), more="d"),
            listing(("architect/c", 3, 2)),
        ]
    )
    assert (seen.fields["count"], seen.fields["name"]) == (3, "architect/b")
    asked = [dict(parse_qsl(urlsplit(one.path).query)) for one in site.seen]
    tokens = [one.get("continuation-token") for one in asked]
    assert tokens == [None, "a+b/c==", "d"]


def test_a_list_without_end_is_given_up(store, site):
    failure = store(listing(("architect/a", 1, 3), more="again")).failure
    assert (failure.outcome, failure.code) == ("unknown", "too_large")
    assert len(site.seen) == 25


def test_prefix_and_pattern_hold_the_date_of_their_zone(store, site):
    today = datetime.now(UTC)
    name = f"arq/{today:%Y/%m}/dump_{today:%Y%m%d}.gz"
    seen = store(
        listing((name, 1, 0.1), ("arq/dump_19700101.gz", 1, 0)),
        prefix="arq/%Y/%m/",
        pattern="dump_%Y%m%d.gz",
    )
    assert seen.fields["name"] == name
    asked = dict(parse_qsl(urlsplit(site.seen[0].path).query))
    assert asked["prefix"] == f"arq/{today:%Y/%m}/"


@pytest.mark.parametrize("prefix", ["architect/", "a b+c&d=é/%%~*'()", ""])
def test_a_store_finds_the_signature_right(store, site, prefix):
    store(listing(("a", 1, 1)), prefix=prefix, session_token="{{secret:aws}}")
    (asked,) = site.seen
    named = asked.headers["authorization"]
    assert "Credential=AKIA/" in named
    assert named.rpartition("Signature=")[2] == sign_as_s3(asked, named)
    assert asked.headers["x-amz-security-token"] == KEY


def sign_as_s3(asked, named):
    """Return the signature of a request as the rules of AWS say, from its bytes."""
    scope = named.partition("Credential=AKIA/")[2].partition(",")[0]
    signed = named.partition("SignedHeaders=")[2].partition(",")[0]
    parts = urlsplit(asked.path)
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(text, safe="-_.~"))
        for name, text in parse_qsl(parts.query, keep_blank_values=True)
    )
    canonical = "\n".join(
        [
            asked.method,
            parts.path,
            "&".join(f"{name}={text}" for name, text in pairs),
            *(f"{name}:{asked.headers[name].strip()}" for name in signed.split(";")),
            "",
            signed,
            hashlib.sha256(asked.body).hexdigest(),
        ]
    )
    told = [
        "AWS4-HMAC-SHA256",
        asked.headers["x-amz-date"],
        scope,
        hashlib.sha256(canonical.encode()).hexdigest(),
    ]
    key = f"AWS4{KEY}".encode()
    for word in [*scope.split("/"), "\n".join(told)]:
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return key.hex()


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (listing(), ("fail", "missing")),
        (listing(("architect/folder/", 0, 1)), ("fail", "missing")),
        (refusal("NoSuchBucket", 404), ("fail", "missing")),
        (listing(("a", 1, -1)), ("unknown", "clock_skew")),
        (refusal("AccessDenied"), ("unknown", "access_denied")),
        (refusal("InvalidAccessKeyId"), ("unknown", "access_denied")),
        (refusal("SlowDown", 503), ("unknown", "throttled")),
        (refusal("PermanentRedirect", 301), ("unknown", "query_error")),
        (xml("<Error/>", 500), ("unknown", "query_error")),
        (xml("<Other/>"), ("unknown", "parse_error")),
        (xml(f"<ListBucketResult {SPACE}/>", 500), ("unknown", "parse_error")),
        (listing(("a", "many", 1)), ("unknown", "parse_error")),
        (
            xml("<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>"),
            ("unknown", "parse_error"),
        ),
        (Reply(200, b'{"objects": []}'), ("unknown", "parse_error")),
        (Reply(200, b"<a>" * 100_000), ("unknown", "parse_error")),
        (
            xml('<!DOCTYPE a [<!ENTITY b "bbb">]><ListBucketResult>&b;</ListBucketResult>'),
            ("unknown", "parse_error"),
        ),
        (
            Reply(302, headers={"Location": "http://169.254.169.254/"}),
            ("unknown", "parse_error"),
        ),
    ],
)  # fmt: skip
def test_what_is_not_there_is_broken_and_what_cannot_be_seen_unknown(
    store, reply, expected
):
    failure = store(reply).failure
    assert (failure.outcome, failure.code) == expected


def test_what_the_store_says_is_told_without_the_secret(store):
    told = store(refusal("SignatureDoesNotMatch", told=f"not {KEY}")).failure.message
    assert told == "AWS did not let us in (SignatureDoesNotMatch): not [secret]"


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("region", "Ireland"),
        ("bucket", "a/b"),
        ("bucket", "a..b"),
        ("bucket", "ab"),
        ("bucket", ""),
        ("pattern", "folder/*.gz"),
        ("zone", "Mars/Base"),
        ("secret_key", KEY),
        ("endpoint", "ftp://x"),
        ("odd", 1),
    ],
)
def test_a_wrong_spec_is_named(entry, value):
    errors = PROBES["object"].check_spec(SPEC | {entry: value})
    assert [error.field for error in errors] == [entry]


def test_it_goes_to_the_region():
    host = PROBES["object"].host_of
    assert host(SPEC) == "s3.eu-west-1.amazonaws.com"
    assert host({"region": "cn-north-1"}) == "s3.cn-north-1.amazonaws.com.cn"
    assert host({"endpoint": "https://minio.example.com/"}) == "minio.example.com"
