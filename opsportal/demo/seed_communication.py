"""What the demo tells the public, and what it promises."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from incidents.models import Component, Incident
from incidents.services.budgets import SloForm, save_slo
from incidents.services.maintenance import create_window
from incidents.services.status_pages import (
    PageForm,
    announce_window,
    create_page,
    mark_component,
)
from incidents.services.updates import Draft, post_update
from oncall.models import Service
from opsportal.demo.past_people import Roster
from opsportal.demo.seed_subscribers import seed_subscribers
from opsportal.demo.shapes import DAY, MINUTE

HOUR: Final = timedelta(hours=1)
# A page of the team of each of these services: address, title.
_PAGES: Final = (
    ("architect-api", "platform", "Platform status"),
    ("arca-api", "invoicing", "Invoicing status"),
)
_ARCA: Final = {
    "recovery_time": HOUR,
    "recovery_point": 5 * MINUTE,
    "backup_every": DAY,
}


def _promise(name: str, target: str, **more: object) -> SloForm:
    return SloForm(name=name, target=Decimal(target), **more)  # type: ignore[arg-type]


# The objectives that the runbooks name, measured by the checks of the demo.
_SLOS: Final = (
    ("arca-api", _promise("API availability", "99.95", **_ARCA)),
    ("arca-api", _promise("API availability of a year", "99.95", window_days=365)),
    (
        "arca-api",
        _promise("API P95 below 200 ms", "99", kind="latency", checks=("latency-p95",)),
    ),
    (
        "arca-api",
        _promise("API errors below 0.1 %", "99", kind="errors", checks=("error-rate",)),
    ),
    (
        "arca-api",
        _promise(
            "Queries P95 below 50 ms", "99", kind="latency", checks=("query-p95",)
        ),
    ),
    (
        "arca-api",
        _promise("Accepted by ARCA", "99", kind="errors", checks=("arca-success",)),
    ),
    ("architect-api", _promise("API availability", "99.9", counts_incidents=True)),
    ("qenergyz", _promise("Availability", "99.9", excludes_maintenance=True)),
)


def seed_communication(
    services: Mapping[str, Service], rosters: Mapping[int, Roster], now: datetime
) -> int:
    """Tell it as people would have; returns how many updates there are."""
    for slug, address, title in _PAGES:
        service = services[slug]
        page = create_page(
            service.team,
            address,
            PageForm(title=title, about="All times are UTC.", is_published=True),
            by=rosters[service.team_id].lead,
            now=now - 89 * DAY,
        )
        _say_by_hand(page.components.get(service=service), rosters, now)
    told = sum(_tell(each, rosters[each.team_id], now) for each in _incidents())
    _plan_work(services["architect-api"], rosters, now)
    # Last, so that nobody outside is mailed about the demo's past.
    seed_subscribers(services["architect-api"].team.status_page, now)
    for slug, form in _SLOS:
        lead = rosters[services[slug].team_id].lead
        save_slo(services[slug], form, by=lead, now=now)
    return told


def _incidents() -> list[Incident]:
    addresses = [address for _, address, _ in _PAGES]
    found = Incident.objects.filter(
        team__status_page__slug__in=addresses, kind=Incident.Kind.REAL
    )
    return list(found.order_by("declared_at"))


def _tell(incident: Incident, roster: Roster, now: datetime) -> int:
    """Tell the public twice of what is over, everybody once of what is open."""
    person = roster.primary_at(incident.declared_at)
    component = Component.objects.get(service=incident.severity.service)
    state = "major" if incident.severity.level == 1 else "degraded"
    draft = Draft(
        audience="public",
        status="investigating",
        title=f"Trouble with {component.name}",
        text="Some requests fail. We are looking for the cause.",
        affected="Requests may be slow or fail.",
        states={component.pk: state},
    )
    if incident.resolved_at is None:
        return _tell_of_open(incident, draft, roster, now)
    first_at = incident.declared_at + (incident.resolved_at - incident.declared_at) / 6
    post_update(incident.pk, draft, by=person, now=first_at)
    over = Draft(
        audience="public",
        status="resolved",
        title=draft.title,
        text="It works again. We keep watching it.",
    )
    post_update(incident.pk, over, by=person, now=incident.resolved_at)
    return 2


def _tell_of_open(
    incident: Incident, draft: Draft, roster: Roster, now: datetime
) -> int:
    at = incident.declared_at + 17 * MINUTE
    post_update(incident.pk, draft, by=roster.lead, now=at)
    inside = Draft(
        audience="stakeholder",
        status="identified",
        title=incident.title,
        text="The release of this morning broke saving. A rollback is under way.",
        affected="Saving dashboards",
        customers_percent=Decimal(2),
        questions=incident.chat_channel,
        next_update=30 * MINUTE,
    )
    post_update(incident.pk, inside, by=roster.lead, now=min(at + 4 * MINUTE, now))
    return 2


def _say_by_hand(
    component: Component, rosters: Mapping[int, Roster], now: datetime
) -> None:
    lead = rosters[component.page.team_id].lead
    began = now - 30 * DAY
    mark_component(component, "degraded", "Slow since noon", by=lead, now=began)
    mark_component(component, "operational", "", by=lead, now=began + 2 * HOUR)


def _plan_work(service: Service, rosters: Mapping[int, Roster], now: datetime) -> None:
    begins = (now + 2 * DAY).replace(hour=2, minute=0, second=0, microsecond=0)
    lead = rosters[service.team_id].lead
    window = create_window(
        service,
        starts_at=begins,
        ends_at=begins + 2 * HOUR,
        reason="Upgrade of the database",
        by=lead,
        now=now,
    )
    announce_window(window, is_public=True, by=lead, now=now)
