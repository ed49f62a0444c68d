"""The target's answers over HTTP."""

import html
from collections.abc import Iterable
from datetime import UTC, datetime

from aiohttp import web

from opsportal.demo import newer_text
from opsportal.demo.stage import Stage
from opsportal.demo.target import numbers
from opsportal.demo.target.talkers import Kept, MailBox, Message

LABEL = "opsportal demo: this process plays services, nothing here is real"
SERVICES = "arq|amas|qenergyz|architect|arca|external"
STAGE = web.AppKey("stage", Stage)
MAIL = web.AppKey("mail", MailBox)
CHANNELS = web.AppKey("channels", Kept)
_DOCUMENTS: dict[str, object] = {
    "/arq/documents": {"documents": 12, "stale": []},
    "/qenergyz/documents": {"documents": 7, "stale": []},
    "/qenergyz/retention": {"production": 30, "staging": 7, "development": 3},
    "/arca/retention": {"operational_days": 90, "audit_days": 365},
    "/arca/last-drill": {"rto_minutes": 42, "rpo_minutes": 3},
}


def make_app(stage: Stage, mail: MailBox) -> web.Application:
    """Return the application of all ports that speak HTTP."""
    app = web.Application()
    app[STAGE], app[MAIL] = stage, mail
    app[CHANNELS] = Kept()
    app.on_response_prepare.append(_label)
    app.add_routes(
        [
            web.get("/", show_index),
            web.get("/slack", show_channels),
            web.get("/mail", show_mail),
            web.post("/slack/{team}", take_message),
            web.get(f"/{{service:{SERVICES}}}/health", report_health),
            web.get("/amas/metrics", show_metrics),
            web.get(newer_text.PATH, show_runbook),
            web.get("/amas/api/alerts/active", list_alerts),
            web.get("/amas/api/alerts/history", list_history),
            web.get("/prometheus/api/v1/query", answer_query),
            *(web.get(path, show_document) for path in _DOCUMENTS),
        ]
    )
    return app


async def _label(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Demo"] = LABEL
    response.headers["Server"] = "opsportal-demo-target"


async def show_index(_: web.Request) -> web.Response:
    """Say what this is."""
    links = "".join(
        f'<li><a href="{path}">{path}</a></li>'
        for path in ("/slack", "/mail", "/amas/health", "/amas/metrics")
    )
    return _page("Demo target", f"<p>{LABEL}.</p><ul>{links}</ul>")


async def report_health(request: web.Request) -> web.Response:
    """Answer as the health page of every service."""
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    return web.json_response(
        {"status": "ok", "timestamp": stamp.replace("+00:00", "Z")},
        headers={"X-Service": request.match_info["service"]},
    )


async def show_runbook(_: web.Request) -> web.Response:
    """Show ARQ's runbook as its team wrote it last."""
    return web.Response(body=newer_text.write_newer(), content_type="text/markdown")


async def show_metrics(request: web.Request) -> web.Response:
    """Show AMAS's metrics as text."""
    since = request.app[STAGE].made_at
    return web.Response(text=numbers.write_metrics(since=since, now=datetime.now(UTC)))


async def list_alerts(request: web.Request) -> web.Response:
    """List the alerts that AMAS's engine has open."""
    since = request.app[STAGE].made_at
    return web.json_response(numbers.active_alerts(since=since, now=datetime.now(UTC)))


async def list_history(_: web.Request) -> web.Response:
    """List the alerts that AMAS's engine remembers."""
    return web.json_response(numbers.alert_history(datetime.now(UTC)))


async def answer_query(request: web.Request) -> web.Response:
    """Answer a query as Prometheus does."""
    answer = numbers.answer_query(
        request.query.get("query", ""),
        since=request.app[STAGE].made_at,
        now=datetime.now(UTC),
    )
    is_known = answer["status"] == "success"
    return web.json_response(answer, status=200 if is_known else 400)


async def show_document(request: web.Request) -> web.Response:
    """Show one of the fixed documents."""
    return web.json_response(_DOCUMENTS[request.path])


async def take_message(request: web.Request) -> web.Response:
    """Take what the portal says in a Slack channel."""
    said = await request.json()
    request.app[CHANNELS].add(
        Message(
            at=datetime.now(UTC),
            to=request.match_info["team"],
            subject="",
            text=str(said.get("text", "")),
        )
    )
    return web.Response(text="ok")


async def show_channels(request: web.Request) -> web.Response:
    """Show what was said in the channels."""
    return _list("Slack messages", request.app[CHANNELS].messages)


async def show_mail(request: web.Request) -> web.Response:
    """Show the mail that was sent."""
    return _list("Mail", request.app[MAIL].kept.messages)


def _list(title: str, messages: Iterable[Message]) -> web.Response:
    rows = "".join(
        f"<article><h2>{_safe(row.subject or row.to)}</h2>"
        f"<p>{row.at:%Y-%m-%d %H:%M:%S} UTC, to {_safe(row.to)}</p>"
        f"<pre>{_safe(row.text)}</pre></article>"
        for row in messages
    )
    return _page(title, rows or "<p>Nothing yet.</p>")


def _safe(text: str) -> str:
    return html.escape(text)


def _page(title: str, body: str) -> web.Response:
    return web.Response(
        text=f"<!doctype html><meta charset=utf-8><title>{title} (demo)</title>"
        f"<h1>{title} (demo)</h1>{body}",
        content_type="text/html",
    )
