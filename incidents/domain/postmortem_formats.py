"""The formats of postmortems, as data: which headings, in which shape.

Each follows one runbook to the letter; services whose runbook names none write in
the common one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Shape = Literal["line", "bullets", "steps", "prose"]
COMMON: Final = "common"
# Where a runbook leaves room to fill in, so do we; it counts as empty.
BLANK: Final = "_____"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading.

    ``source`` says what drafts it, see ``postmortem_draft``. What is a fact is worked
    out anew at each look; everything else is a text that people edit.
    """

    key: str
    heading: str
    shape: Shape
    source: str = ""
    is_fact: bool = False
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A whole postmortem: ``mark`` is how Markdown writes a heading."""

    slug: str
    name: str
    mark: str
    sections: tuple[Section, ...]
    title: str = ""

    def kept_sections(self) -> tuple[Section, ...]:
        """Return the sections that people edit."""
        return tuple(part for part in self.sections if not part.is_fact)

    def find_section(self, key: str) -> Section | None:
        """Return the section that people edit under that key."""
        return next((part for part in self.kept_sections() if part.key == key), None)


def _fact(heading: str, source: str, shape: Shape = "line") -> Section:
    return Section(
        key=source, heading=heading, shape=shape, source=source, is_fact=True
    )


def _text(
    key: str, heading: str, shape: Shape, source: str = "", *, is_required: bool = True
) -> Section:
    return Section(
        key=key, heading=heading, shape=shape, source=source, is_required=is_required
    )


_ARQ = Format(
    slug="arq",
    name="ARQ: eight headings",
    title="## Incident Postmortem",
    mark="**{}:**",
    sections=(
        _fact("ID", "ref"),
        _fact("Duration", "from_to"),
        _text("impact", "Impact", "line", "impact_counts"),
        _text("root_cause", "Root Cause", "line", "root_cause"),
        _fact("Detection", "detection"),
        _fact("Resolution", "resolution_time"),
        _fact("Action Items", "actions", "bullets"),
        _text("lessons", "Lessons", "bullets"),
    ),
)
_AMAS = Format(
    slug="amas",
    name="AMAS: incident log",
    mark="**{}**:",
    sections=(
        _fact("Incident ID", "ref"),
        _fact("Severity", "severity"),
        _fact("Started", "started"),
        _fact("Resolved", "resolved"),
        _fact("Duration", "minutes"),
        _text("symptoms", "Symptoms", "bullets", "symptoms"),
        _text("root_cause", "Root Cause", "bullets", "root_cause"),
        _text("resolution", "Resolution", "steps", "resolution"),
        _text("prevention", "Prevention", "bullets", "prevention"),
    ),
)
_QENERGYZ = Format(
    slug="qenergyz",
    name="Qenergyz: post-incident review",
    title="# Post-Incident Review",
    mark="## {}",
    sections=(
        _fact("Incident", "headline", "prose"),
        _text("timeline", "Incident Timeline", "bullets", "timeline"),
        _text("root_cause", "Root Cause Analysis", "prose", "root_cause"),
        _fact("Action Items", "actions", "bullets"),
        _text("procedures", "Procedures to Update", "bullets"),
    ),
)
_ARCA = Format(
    slug="arca",
    name="ARCA: five questions",
    title="# Post-Mortem",
    mark="## {}",
    sections=(
        _text("summary", "What happened?", "prose", "summary"),
        _text("impact", "What was the impact?", "prose", "impact"),
        _text("root_cause", "What was the root cause?", "prose", "root_cause"),
        _text(
            "prevention",
            "What actions will prevent recurrence?",
            "bullets",
            "prevention",
        ),
        _text("timeline", "Timeline of events", "bullets", "timeline"),
    ),
)
_COMMON = Format(
    slug=COMMON,
    name="Common",
    title="# Postmortem",
    mark="## {}",
    sections=(
        _fact("Incident", "headline", "prose"),
        _text("summary", "Summary", "prose", "summary"),
        _text("impact", "Impact", "prose", "impact"),
        _text("root_cause", "Root cause", "prose", "root_cause"),
        _text("resolution", "Resolution", "steps", "resolution"),
        _text("went_well", "What went well", "bullets", is_required=False),
        _text("went_badly", "What went badly", "bullets", is_required=False),
        _text("lessons", "Lessons", "bullets"),
        _fact("Action items", "actions", "bullets"),
        _text("timeline", "Timeline", "bullets", "timeline"),
    ),
)
FORMATS: Final[Mapping[str, Format]] = {
    each.slug: each for each in (_COMMON, _ARQ, _AMAS, _QENERGYZ, _ARCA)
}
