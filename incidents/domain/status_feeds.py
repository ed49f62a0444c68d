"""A public page as JSON, Atom and RSS."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as Xml

from incidents.domain.status_page import (
    PublicComponent,
    PublicIncident,
    PublicPage,
    PublicUpdate,
    PublicWindow,
)
from incidents.domain.updates import say_iso

MOST_ENTRIES: Final = 50
_ATOM: Final = "http://www.w3.org/2005/Atom"
# Characters that no XML document may hold.
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Entry(NamedTuple):
    """One piece of news."""

    key: str
    title: str
    text: str
    at: datetime
    changed_at: datetime


def list_entries(page: PublicPage) -> list[Entry]:
    """Return the news of a page, newest first: updates and announced work."""
    incidents = (*page.open, *page.past)
    found = [_of_update(i, u) for i in incidents for u in i.updates]
    found += [_of_window(w) for w in (*page.running, *page.coming)]
    found.sort(key=lambda entry: (entry.changed_at, entry.key), reverse=True)
    return found[:MOST_ENTRIES]


def _of_update(incident: PublicIncident, update: PublicUpdate) -> Entry:
    lines = [update.text]
    if incident.components:
        lines.append(f"Components: {', '.join(incident.components)}.")
    if update.eta_at is not None:
        lines.append(f"Expected to be resolved by {say_iso(update.eta_at)}.")
    return Entry(
        key=f"update-{update.pk}",
        title=f"{update.status.capitalize()}: {incident.title}",
        text="\n".join(lines),
        at=update.said_at,
        changed_at=update.corrected_at or update.said_at,
    )


def _of_window(window: PublicWindow) -> Entry:
    span = f"From {say_iso(window.starts_at)} to {say_iso(window.ends_at)}."
    named = f"Components: {', '.join(window.components)}."
    return Entry(
        key=f"maintenance-{window.pk}",
        title=f"Maintenance: {window.title}",
        text=f"{span}\n{named}",
        at=window.announced_at,
        changed_at=window.announced_at,
    )


def write_json(page: PublicPage) -> str:
    """Return the page as JSON; moments are RFC 3339 in UTC."""
    body = {
        "page": {"title": page.title, "about": page.about, "url": page.url},
        "written_at": say_iso(page.written_at),
        "status": {"state": page.state, "description": page.words},
        "components": [_component(each) for each in page.components],
        "incidents": [_incident(each) for each in page.open],
        "past_incidents": [_incident(each) for each in page.past],
        "maintenance": [_window(each) for each in (*page.running, *page.coming)],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _component(each: PublicComponent) -> dict[str, Any]:
    return {
        "name": each.name,
        "description": each.description,
        "state": each.state,
        "note": each.note,
        "uptime_percent": None if each.uptime is None else round(each.uptime, 4),
        "days": [
            {
                "on": day.on.isoformat(),
                "state": day.state or None,
                "down_seconds": day.down // timedelta(seconds=1),
            }
            for day in each.days
        ],
    }


def _incident(each: PublicIncident) -> dict[str, Any]:
    return {
        "title": each.title,
        "status": each.status,
        "affected": each.affected,
        "components": list(each.components),
        "started_at": say_iso(each.started_at),
        "resolved_at": say_iso(each.resolved_at) if each.resolved_at else None,
        "follow_url": each.follow_url,
        "updates": [_update(update) for update in each.updates],
    }


def _update(each: PublicUpdate) -> dict[str, Any]:
    said: dict[str, Any] = {
        "status": each.status,
        "text": each.text,
        "at": say_iso(each.said_at),
        "corrected_at": say_iso(each.corrected_at) if each.corrected_at else None,
    }
    if each.eta_at is not None:
        said["eta_at"] = say_iso(each.eta_at)
    return said


def _window(each: PublicWindow) -> dict[str, Any]:
    return {
        "title": each.title,
        "starts_at": say_iso(each.starts_at),
        "ends_at": say_iso(each.ends_at),
        "components": list(each.components),
    }


def write_atom(page: PublicPage) -> str:
    """Return the news as an Atom feed."""
    feed = Xml.Element("feed", xmlns=_ATOM)
    entries = list_entries(page)
    newest = max((entry.changed_at for entry in entries), default=page.written_at)
    _add(feed, "title", page.title)
    _add(feed, "id", page.url)
    _add(feed, "updated", say_iso(newest))
    Xml.SubElement(feed, "link", href=page.url)
    Xml.SubElement(feed, "link", rel="self", href=f"{page.url}feed.atom")
    author = Xml.SubElement(feed, "author")
    _add(author, "name", page.title)
    for entry in entries:
        node = Xml.SubElement(feed, "entry")
        _add(node, "title", entry.title)
        _add(node, "id", f"{page.url}#{entry.key}")
        _add(node, "published", say_iso(entry.at))
        _add(node, "updated", say_iso(entry.changed_at))
        Xml.SubElement(node, "link", href=f"{page.url}#{entry.key}")
        _add(node, "content", entry.text)
    return _print(feed)


def write_rss(page: PublicPage) -> str:
    """Return the news as an RSS 2.0 feed."""
    root = Xml.Element("rss", version="2.0")
    channel = Xml.SubElement(root, "channel")
    _add(channel, "title", page.title)
    _add(channel, "link", page.url)
    _add(channel, "description", page.about or page.words)
    for entry in list_entries(page):
        node = Xml.SubElement(channel, "item")
        _add(node, "title", entry.title)
        _add(node, "link", f"{page.url}#{entry.key}")
        _add(node, "guid", f"{page.url}#{entry.key}")
        _add(node, "pubDate", format_datetime(entry.at.astimezone(UTC)))
        _add(node, "description", entry.text)
    return _print(root)


def _add(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, name).text = _ILLEGAL.sub("", text)


def _print(root: Xml.Element) -> str:
    Xml.indent(root)
    return "".join(_pieces(root))


def _pieces(root: Xml.Element) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield Xml.tostring(root, encoding="unicode")
    yield "\n"
