"""object: is there a fresh object of believable size in a bucket, such as a backup.

Any store that speaks S3's API will do. It lists keys by name and not by age, so all
below the prefix are read to find the newest: a prefix may hold dates.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as Xml

from yarl import URL

from checklists.domain.observation import Observation
from checklists.probes.aws import (
    AWS_KEYS,
    endpoint_of,
    find_faults,
    refuse,
    sign,
)
from checklists.probes.failures import as_unknown, explain, failed, unknown
from checklists.probes.files import (
    FRESHNESS,
    Found,
    check_pattern,
    check_zone,
    fill_dates,
    fits,
    observe_newest,
)
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, is_text
from checklists.probes.web import get_page
from opsportal.kit.outbound import Ask, Page

SERVICE = "s3"
# So many keys of 1,024 bytes fit into what is read of one answer.
A_PAGE = 200
MOST_OBJECTS = 5_000
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def _is_bucket(value: Any) -> str | None:
    if isinstance(value, str) and _BUCKET.fullmatch(value) and ".." not in value:
        return None
    return "This must be the name of a bucket, such as backups-eu."


KEYS = {
    **AWS_KEYS,
    "bucket": Key(_is_bucket, is_required=True),
    "prefix": Key(is_text),
    "pattern": Key(check_pattern),
    "zone": Key(check_zone),
}


class ObjectProbe:
    """The newest of the objects below a prefix whose names fit a pattern.

    Both may hold dates: ``arq/%Y/%m/`` is this month's in ``zone`` (UTC). The name of
    an object is what stands behind the last slash of its key.
    """

    kind = "object"
    fields = (*FRESHNESS, FieldDoc("latency", "s", "how long the answers took"))
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need region, bucket, access_key, secret_key, and boto3."""
        return find_faults(spec, KEYS)

    def host_of(self, spec: Spec) -> str:
        """The endpoint of the region, unless the spec names another."""
        return URL(endpoint_of(spec, SERVICE)).host or ""

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Look once; raises ProbeFailed when nothing fits, or we could not look."""
        import aiohttp  # noqa: PLC0415 -- slow import

        zone = spec.get("zone") or "UTC"
        prefix, pattern = (
            fill_dates(spec.get(name) or "", context.now, zone)
            for name in ("prefix", "pattern")
        )
        try:
            found, latency = await _find(spec, prefix, pattern, context)
        except (OSError, aiohttp.ClientError) as error:
            failure = explain(error)
            if failure is None:
                raise
            return Observation(context.now, failure=as_unknown(failure))
        if not found:
            raise failed("missing", f"No object fits {prefix}{pattern or '*'}.")
        seen = observe_newest(found, context.now)
        fields = {**seen.fields, "latency": latency.total_seconds()}
        return replace(seen, fields=fields, latency=latency)


async def _find(
    spec: Spec, prefix: str, pattern: str, context: ProbeContext
) -> tuple[list[Found], timedelta]:
    """Return what fits, and how long the answers took."""
    found: list[Found] = []
    latency, token = timedelta(), ""
    for _ in range(MOST_OBJECTS // A_PAGE):
        page = await get_page(_question(spec, prefix, token, context), context)
        latency += page.latency
        listed, token = _read(page, context)
        found += [each for each in listed if not pattern or fits(each.name, pattern)]
        if not token:
            return found, latency
    raise unknown(
        "too_large", f"More than {MOST_OBJECTS:,} objects: say more of the prefix."
    )


def _question(spec: Spec, prefix: str, token: str, context: ProbeContext) -> Ask:
    """One page of the list, signed; raises SecretRefused."""
    asked = {"list-type": "2", "max-keys": str(A_PAGE), "prefix": prefix}
    if token:
        asked["continuation-token"] = token
    # In the order and the form in which it is signed.
    query = urlencode(sorted(asked.items()), quote_via=quote, safe="")
    url = f"{endpoint_of(spec, SERVICE)}{spec['bucket']}?{query}"
    return sign(Ask(url), SERVICE, spec, context)


def _read(page: Page, context: ProbeContext) -> tuple[list[Found], str]:
    """Return what a page lists, and what asks for the next one; "" at the end."""
    document = _read_xml(context.secrets.redact(page.text), page)
    try:
        listed = [_read_object(each) for each in document.iterfind("{*}Contents")]
    except (TypeError, ValueError):
        raise _not_s3(page) from None
    # What ends with a slash stands for a folder.
    found = [each for each in listed if not each.name.endswith("/")]
    return found, document.findtext("{*}NextContinuationToken") or ""


def _read_xml(text: str, page: Page) -> Xml.Element:
    # S3 declares nothing, and an entity could grow without end.
    if page.is_cut or "<!" in text:
        raise _not_s3(page)
    try:
        document = Xml.fromstring(text)  # noqa: S314 -- without declarations
    except Xml.ParseError:
        raise _not_s3(page) from None
    if document.tag.endswith("Error"):
        kind = document.findtext("Code") or ""
        if kind == "NoSuchBucket":
            raise failed("missing", "There is no such bucket.")
        told = (document.findtext("Message") or "")[:300]
        raise refuse("S3", kind, told, page.status)
    if page.status != HTTPStatus.OK or not document.tag.endswith("ListBucketResult"):
        raise _not_s3(page)
    return document


def _read_object(one: Xml.Element) -> Found:
    key, size, written = (
        one.findtext(f"{{*}}{name}") for name in ("Key", "Size", "LastModified")
    )
    at = datetime.fromisoformat(written or "")
    return Found(key or "", int(size or ""), at.timestamp())


def _not_s3(page: Page) -> Exception:
    return unknown("parse_error", f"The answer ({page.status}) is not S3's.")
