"""Public pages: made, changed by hand, and written anew when anything changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from incidents.domain.status_feeds import write_atom, write_json, write_rss
from incidents.domain.status_page import STATE_WORDS, PublicDay, PublicPage
from incidents.models import Component, ComponentMark, MaintenanceWindow, StatusPage
from incidents.queries.status_pages import read_page
from incidents.services.status_files import remove_files, write_files
from incidents.services.telling import tell_of_work_now, tell_withdrawn
from oncall.models import Service, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.charts import Day, Tone
from opsportal.kit.choices import say_none_such
from opsportal.kit.errors import PortalError
from opsportal.kit.moments import say_length
from opsportal.kit.nudge import nudge

TASK = "incidents.write_status_pages"
# Also with no news: the page says when it was written, and what is planned begins.
REWRITE_EVERY = timedelta(minutes=1)
_TONES: Final[dict[str, Tone]] = {
    "": "none",
    "operational": "ok",
    "maintenance": "acc",
    "degraded": "warn",
    "partial": "crit",
    "major": "crit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageForm:
    """A page as it is entered; the address is chosen once."""

    title: str
    about: str = ""
    is_published: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentForm:
    """A component as it is entered."""

    name: str
    description: str = ""
    position: int = 0
    is_shown: bool = True


def create_page(
    team: Team, slug: str, form: PageForm, *, by: User, now: datetime
) -> StatusPage:
    """Make the page of a team, with a component for each of its services.

    Raises PortalError when the address is taken or the team has a page.
    """
    page = StatusPage(team=team, slug=slug)
    try:
        with transaction.atomic():
            touch_team(team.pk)
            _fill(page, form, now)
            page.save()
            for service in team.services.all():
                Component.objects.create(
                    page=page,
                    service=service,
                    name=service.name,
                    position=service.position,
                    added_at=now,
                )
            _record("status_page.create", page, by=by, now=now)
            nudge(TASK)
    except IntegrityError:
        raise PortalError(
            "This address is taken, or the team has a page already.", field="slug"
        ) from None
    return page


def edit_page(
    page: StatusPage, form: PageForm, *, by: User, now: datetime
) -> StatusPage:
    """Change what a page is called and whether anybody may see it."""
    with transaction.atomic():
        touch_team(page.team_id)
        _fill(page, form, now)
        page.save(update_fields=["title", "about", "is_published", "next_write_at"])
        _record("status_page.edit", page, by=by, now=now)
        nudge(TASK)
    return page


def save_component(
    page: StatusPage,
    service: Service,
    form: ComponentForm,
    *,
    component: Component | None = None,
    by: User,
    now: datetime,
) -> Component:
    """Make a component, or change it. Raises PortalError when the name is taken."""
    if service.team_id != page.team_id:
        raise PortalError("Choose a service of the same team.", field="service")
    row = component or Component(page=page, added_at=now)
    row.service = service
    row.name, row.description = form.name.strip(), form.description.strip()
    row.position, row.is_shown = form.position, form.is_shown
    if not row.name:
        raise PortalError("Give it the name that customers know.", field="name")
    try:
        with transaction.atomic():
            touch_team(page.team_id)
            row.save()
            record_change(
                "component.edit" if component else "component.add",
                row,
                by=by,
                now=now,
                team_id=page.team_id,
                after={"name": row.name, "is_shown": row.is_shown},
            )
            nudge_page(page.team_id, now=now)
    except IntegrityError:
        raise PortalError(
            "The page has a component of that name already.", field="name"
        ) from None
    return row


def mark_component(
    component: Component, state: str, note: str, *, by: User, now: datetime
) -> ComponentMark:
    """Say by hand how a component is; operational takes the last word back.

    Raises PortalError for a state that does not exist.
    """
    if state not in Component.State.values:
        words = say_none_such("state of a component", Component.State.values)
        raise PortalError(words, field="state")
    with transaction.atomic():
        touch_team(component.page.team_id)
        mark = ComponentMark.objects.create(
            component=component,
            state=state,
            note=note.strip()[:250],
            set_at=now,
            set_by=by,
        )
        record_change(
            "component.mark",
            component,
            by=by,
            now=now,
            team_id=component.page.team_id,
            after={"state": state, "note": mark.note},
        )
        nudge_page(component.page.team_id, now=now)
    return mark


def announce_window(
    window: MaintenanceWindow, *, is_public: bool, by: User, now: datetime
) -> None:
    """Put planned work on the team's page, with its reason, or take it off.

    Its readers are told either way.
    """
    if is_public == (window.announced_at is not None):
        return
    window.announced_at = now if is_public else None
    with transaction.atomic():
        touch_team(window.service.team_id)
        window.save(update_fields=["announced_at"])
        if is_public:
            tell_of_work_now(window, now=now)
        else:
            tell_withdrawn(window, now=now)
        record_change(
            "maintenance.announce",
            window,
            by=by,
            now=now,
            team_id=window.service.team_id,
            after={"is_public": is_public},
        )
        nudge_page(window.service.team_id, now=now)


def nudge_page(team_id: int, *, now: datetime) -> None:
    """Let the team's page, if it has one, be written at once."""
    due = StatusPage.objects.filter(team_id=team_id, is_published=True)
    if due.update(next_write_at=now):
        nudge(TASK)


def write_status_pages(*, now: datetime) -> int:
    """Write every page that is due by now; returns how many.

    The claim moves the next writing a minute on before anything is read, so that a
    change that comes in between is written right after.
    """
    due = StatusPage.objects.filter(next_write_at__lte=now).order_by("next_write_at")
    pks = list(due.values_list("pk", flat=True))
    return sweep_each(pks, lambda pk: _write_due(pk, now), what="status page")


def _write_due(pk: int, now: datetime) -> int:
    later = now + REWRITE_EVERY
    due = StatusPage.objects.filter(pk=pk, next_write_at__lte=now)
    if not due.update(next_write_at=later, written_at=now):
        return 0
    page = StatusPage.objects.get(pk=pk)
    if page.is_published:
        public = read_page(page, url=page_url(page.slug), now=now)
        write_files(page.slug, render_files(public), written_at=now)
    # Asked again: it may have been taken back while it was written.
    taken_back = StatusPage.objects.filter(pk=pk, is_published=False)
    if taken_back.exists():
        remove_files(page.slug)
        # Only now: whoever dies before it leaves the removal due.
        taken_back.filter(next_write_at=later).update(next_write_at=None)
    return 1


def render_files(page: PublicPage) -> dict[str, str]:
    """Return the files of a page by name."""
    ctx = {
        "page": page,
        "now": page.written_at,
        "components": [
            {
                "row": each,
                "days": _days(each.days),
                "tone": _TONES[each.state],
                "words": STATE_WORDS[each.state],
                "uptime": _say_uptime(each.uptime),
            }
            for each in page.components
        ],
        "tone": _TONES[page.state],
        "subscribe_url": subscribe_url(page.slug),
    }
    return {
        "index.html": render_to_string("incidents/public/index.html", ctx),
        "status.json": write_json(page),
        "feed.atom": write_atom(page),
        "feed.rss": write_rss(page),
    }


def page_url(slug: str) -> str:
    """Return the public address of a page."""
    return f"{settings.SITE_URL}/status/{slug}/"


def subscribe_url(slug: str) -> str:
    """Return where anybody asks for mails; the files may be served elsewhere."""
    return f"{settings.SITE_URL}{reverse('subscribe', args=[slug])}"


def _days(days: Iterable[PublicDay]) -> list[Day]:
    return [Day(day.on, _TONES[day.state], _say_day(day)) for day in days]


def _say_uptime(uptime: float | None) -> str:
    return "not watched yet" if uptime is None else f"{uptime:.3f} % without outage"


def _say_day(day: PublicDay) -> str:
    if not day.state:
        return "not watched yet"
    words = STATE_WORDS[day.state]
    return f"{words}, down for {say_length(day.down)}" if day.down else words


def _fill(page: StatusPage, form: PageForm, now: datetime) -> None:
    if not form.title.strip():
        raise PortalError("Give it a title.", field="title")
    was_published = page.is_published
    page.title, page.about = form.title.strip(), form.about.strip()
    page.is_published = form.is_published
    if form.is_published or was_published:
        page.next_write_at = now


def _record(action: str, page: StatusPage, *, by: User, now: datetime) -> None:
    record_change(
        action,
        page,
        by=by,
        now=now,
        team_id=page.team_id,
        after={"title": page.title, "is_published": page.is_published},
    )
