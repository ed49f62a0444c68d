"""Reading what public pages show, and who keeps them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from incidents.domain import status_page as domain
from incidents.domain.status_page import (
    HISTORY_DAYS,
    PublicComponent,
    PublicPage,
    PublicWindow,
    Stretch,
)
from incidents.models import Component, ComponentMark, MaintenanceWindow, StatusPage
from incidents.queries.updates import read_public_updates

_AHEAD = timedelta(days=30)


def list_pages(team_ids: Collection[int]) -> list[StatusPage]:
    """Return the pages of the teams, by title."""
    pages = StatusPage.objects.filter(team_id__in=team_ids).select_related("team")
    return list(pages.order_by("title", "pk"))


def get_page(team_ids: Collection[int], slug: str) -> StatusPage | None:
    """Return one page, None when it is not theirs."""
    pages = StatusPage.objects.filter(team_id__in=team_ids, slug=slug)
    return pages.select_related("team").first()


def get_component(team_ids: Collection[int], pk: int) -> Component | None:
    """Return one component, None when it is not theirs."""
    found = Component.objects.filter(page__team_id__in=team_ids, pk=pk)
    return found.select_related("page__team", "service").first()


def list_marks(page: StatusPage, *, most: int = 20) -> list[ComponentMark]:
    """Return what was said by hand of the page's components, newest first."""
    marks = ComponentMark.objects.filter(component__page=page)
    return list(
        marks.select_related("component", "set_by").order_by("-set_at", "-pk")[:most]
    )


def all_components(page: StatusPage) -> list[Component]:
    """Return the components of a page, hidden ones too, in their order."""
    return list(page.components.select_related("service"))


def read_page(page: StatusPage, *, url: str, now: datetime) -> PublicPage:
    """Return everything that the files of a page say; a constant number of queries.

    ``url`` is its public address, ending in a slash.
    """
    since = now - timedelta(days=HISTORY_DAYS)
    components = list(page.components.filter(is_shown=True))
    names = {component.pk: component.name for component in components}
    said = read_public_updates(page.pk, since)
    windows = _read_windows(page, since, now)
    marks = _read_marks(components)
    stretches = domain.stretches_of_updates(said, now)
    for component in components:
        own = [(mark.set_at, mark.state) for mark in marks.get(component.pk, [])]
        stretches += domain.stretches_of_marks(component.pk, own, now)
        stretches += _work_on(component, windows, now)
    incidents = domain.publish_incidents(said, names)
    public = [_component(each, stretches, marks, now) for each in components]
    work = [_publish_window(window, components) for window in windows]
    state, words = domain.say_page(each.state for each in public)
    return PublicPage(
        slug=page.slug,
        title=page.title,
        about=page.about,
        url=url,
        state=state,
        words=words,
        components=tuple(public),
        open=tuple(each for each in incidents if each.resolved_at is None),
        past=tuple(each for each in incidents if each.resolved_at is not None),
        running=tuple(w for w in work if w.starts_at <= now < w.ends_at),
        coming=tuple(w for w in work if now < w.starts_at <= now + _AHEAD),
        written_at=now,
    )


def _read_windows(
    page: StatusPage, since: datetime, now: datetime
) -> list[MaintenanceWindow]:
    windows = MaintenanceWindow.objects.filter(
        service__components__page=page,
        announced_at__isnull=False,
        ends_at__gt=since,
        starts_at__lte=now + _AHEAD,
    )
    return list(windows.order_by("starts_at", "pk").distinct())


def _read_marks(components: Collection[Component]) -> dict[int, list[ComponentMark]]:
    found: dict[int, list[ComponentMark]] = {}
    marks = ComponentMark.objects.filter(component__in=components)
    for mark in marks.order_by("component", "set_at", "pk"):
        found.setdefault(mark.component_id, []).append(mark)
    return found


def _work_on(
    component: Component, windows: Collection[MaintenanceWindow], now: datetime
) -> list[Stretch]:
    return [
        Stretch(
            component.pk, domain.MAINTENANCE, window.starts_at, min(window.ends_at, now)
        )
        for window in windows
        if window.service_id == component.service_id and window.starts_at < now
    ]


def _component(
    row: Component,
    stretches: list[Stretch],
    marks: dict[int, list[ComponentMark]],
    now: datetime,
) -> PublicComponent:
    own = [each for each in stretches if each.component == row.pk]
    days = domain.days_of(own, since=row.added_at, now=now)
    last = marks.get(row.pk, [])[-1:]
    return PublicComponent(
        name=row.name,
        description=row.description,
        state=domain.state_at(own, row.pk, now),
        note=last[0].note if last and last[0].state != domain.OPERATIONAL else "",
        days=days,
        uptime=domain.uptime_of(days, now=now),
    )


def _publish_window(
    window: MaintenanceWindow, components: Collection[Component]
) -> PublicWindow:
    names = [c.name for c in components if c.service_id == window.service_id]
    return PublicWindow(
        pk=window.pk,
        title=window.reason,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        announced_at=window.announced_at or window.starts_at,
        components=tuple(names),
    )
