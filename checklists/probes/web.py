"""Asking over HTTP, for the kinds that do."""

import asyncio
from collections.abc import Mapping
from typing import Any

from yarl import URL

from checklists.domain.observation import Failure, Outcome
from checklists.probes.failures import unknown
from checklists.probes.protocol import ProbeContext, Spec
from checklists.probes.spec import Key, is_headers, is_text, is_truth, is_url, one_of
from opsportal.kit.outbound import Ask, Page, fetch

WEB_KEYS: Mapping[str, Key] = {
    "url": Key(is_url, is_required=True),
    "headers": Key(is_headers),
}
ASKING_KEYS: Mapping[str, Key] = {
    **WEB_KEYS,
    "method": Key(one_of("GET", "HEAD", "POST", "OPTIONS")),
    "body": Key(is_text),
    "follow": Key(is_truth),
    "contains": Key(is_text),
}
ACCESS_DENIED = frozenset({401, 403, 407})


def host_of_url(spec: Spec) -> str:
    """The host a URL names, in lower case, or "" when it names none."""
    try:
        return URL(str(spec.get("url", ""))).host or ""
    except ValueError:
        return ""


def build_ask(spec: Spec, context: ProbeContext) -> Ask:
    """The request a spec describes, with its secrets; raises SecretRefused."""
    host = host_of_url(spec)
    fill = context.secrets.fill
    headers = spec.get("headers") or {}
    body = spec.get("body")
    return Ask(
        url=fill(spec["url"], host=host),
        method=spec.get("method") or "GET",
        headers={name: fill(text, host=host) for name, text in headers.items()},
        body=fill(body, host=host).encode() if body else None,
        follow=bool(spec.get("follow", True)),
    )


async def get_page(ask: Ask, context: ProbeContext) -> Page:
    """Ask once within the context's timeout; raises what `fetch` raises."""
    deadline = asyncio.get_running_loop().time() + context.timeout.total_seconds()
    return await fetch(context.session, context.guard, ask, deadline=deadline)


def refuse_denied(page: Page) -> None:
    """Raise ProbeFailed when we were not let in: that says nothing about health."""
    if page.status in ACCESS_DENIED:
        raise unknown("access_denied", f"The server answered {page.status}.")


def web_fields(page: Page) -> dict[str, Any]:
    """The fields every answer has."""
    return {
        "status": page.status,
        "latency": page.latency.total_seconds(),
        "size": len(page.body),
    }


def describe(page: Page) -> str:
    """A line for people, without any of the body."""
    cut = " or more" if page.is_cut else ""
    milliseconds = page.latency.total_seconds() * 1000
    return f"{page.status}, {len(page.body)} bytes{cut}, {milliseconds:.0f} ms"


def missing_text(spec: Spec, text: str) -> Failure | None:
    """The failure of an answer without the text it must contain."""
    wanted = spec.get("contains")
    if not wanted or wanted in text:
        return None
    return Failure(
        Outcome.FAIL, "content_missing", f"The answer does not contain: {wanted}"
    )
