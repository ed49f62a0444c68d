"""Which service a runbook is about, as far as it says so."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from runbooks.domain.blocks import Kind
from runbooks.domain.inline import fold, strip_marks
from runbooks.domain.outline import EntryKind, Outline, Section
from runbooks.domain.words.topics import Topic

_GENERIC: Final = re.compile(
    r"\b(?:production|monitoring(?! system)|operations?|operational|runbooks?|playbooks?|guide|handbook|documentation|docs|manual|procedures?|incident|response|checklists?|maintenance|daily|weekly|monthly|on-?call|sre|devops|team|sop|standard|operating|week \d+|and|the|for|of|v?\d+(?:\.\d+)*|management|service level|alerting|observability|troubleshooting|emergency|disaster|recovery|health|checks?|ops)\b|运维|手册|监控|巡检|операционн\w+|руководств\w+|регламент\w*|эксплуатаци\w+|[-–—:|()\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]",
    re.IGNORECASE,
)
_FOR: Final = re.compile(
    r"\b(?:for|of|operating|running|in) (?:the )?(?P<name>[A-Z][\w-]*(?: [A-Z][\w-]*){0,3})(?: (?:platform|service|system|cluster|application|api|stack))?\b"
)
_LABEL: Final = re.compile(r"^(?:svc|service|service name|服务|сервис)$")
_TITLE: Final = re.compile(r"title\s*[:=]\s*(?P<title>\S.*)")
_ASIDE: Final = re.compile(r"\s*[(,;|]")
_DEPLOYMENT: Final = re.compile(
    r"(?:deployment[/ ]|deploy/|pm2 restart |systemctl \w+ |--service[ =]|--service-name[ =]|statefulset/|docker(?:-compose| compose)? (?:restart|logs) )(?P<name>[a-z][a-z0-9-]{2,40})"
)
_PLACES: Final = frozenset(
    {
        "AWS",
        "GCP",
        "Azure",
        "Kubernetes",
        "Prometheus",
        "PagerDuty",
        "Slack",
        "Common",
        "Production",
    }
)


def find_service(outline: Outline) -> str:
    """The service's name: from the title, the introduction, or the commands; or ""."""
    title = find_title(outline)
    left = " ".join(_GENERIC.sub(" ", title).split()).strip(" &,/")
    if left and not left.islower():
        return left
    for entry in outline.entries[:12]:
        if entry.kind is EntryKind.CODE:
            continue
        if entry.label and _LABEL.match(fold(entry.label.name)):
            return _ASIDE.split(strip_marks(entry.label.value), maxsplit=1)[0]
        for match in _FOR.finditer(entry.text):
            if match["name"].split()[0] not in _PLACES:
                return match["name"]
    names = Counter(
        match["name"]
        for entry in outline.entries
        for raw in entry.body
        for match in _DEPLOYMENT.finditer(raw)
    )
    return names.most_common(1)[0][0] if names else left


def find_title(outline: Outline) -> str:
    """The first heading, that of the front matter, the first small heading, or ""."""
    titled = [
        each for each in outline.sections if each.title and not _is_contents(each)
    ]
    stated = _read_front_matter(outline)
    if stated and not any(each.level == 1 for each in titled):
        return stated
    top = next((each for each in titled if each.level == 1), None)
    said = (each.line for each in outline.entries if not _is_contents(each.section))
    if titled and not titled[0].is_label:
        # What stands above everything else is the title, whatever its level.
        top = titled[0] if titled[0].line < next(said, 0) else top
    first = top or (titled[0] if titled else None)
    return first.title if first else ""


def _is_contents(section: Section) -> bool:
    return Topic.CONTENTS in section.topics


def _read_front_matter(outline: Outline) -> str:
    """What ``title: "..."`` says above the text, or ""."""
    for block in outline.blocks:
        if block.kind is not Kind.FRONT_MATTER:
            return ""
        match = _TITLE.match(block.lines[0])
        if match:
            return match["title"].strip(" \"'")
    return ""
