"""Telling the readers of a public page: each thing once to each of them."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from incidents.domain.status_page import OPERATIONAL
from incidents.domain.subscriptions import (
    WITHDRAWN,
    WorkFacts,
    find_next_telling,
    find_work_word,
    write_news,
    write_work,
)
from incidents.domain.updates import UpdateFacts
from incidents.models import (
    Component,
    IncidentUpdate,
    MaintenanceWindow,
    StatusPage,
    Subscriber,
    UpdateImpact,
)
from incidents.services.subscribers import key_of, unsubscribe_url
from oncall.services.outside import OutsideMessage, enqueue_outside
from oncall.services.sweeps import sweep_each


def tell_of_update(
    update: IncidentUpdate, facts: UpdateFacts, *, now: datetime
) -> None:
    """Mail a public update to who hears of what the incident touches.

    That is every component that a public update of it named, or whose service it is
    about. Call it inside the transaction of the update.
    """
    page = _find_page(update.incident.team_id)
    if page is None:
        return
    named = UpdateImpact.objects.filter(
        update__incident=update.incident_id,
        update__audience=IncidentUpdate.Audience.PUBLIC,
    ).exclude(state=OPERATIONAL)
    touched = page.components.filter(
        Q(pk__in=named.values("component"))
        | Q(service__incidents=update.incident_id, is_shown=True)
    )
    readers = _readers_of(page, touched).filter(hears_incidents=True)
    topic = f"update:{update.pk}"
    mail = write_news(facts, is_correction=update.corrects_id is not None)
    _tell(page, readers, topic, topic, mail, now)


def tell_of_work_now(window: MaintenanceWindow, *, now: datetime) -> None:
    """Mail how announced work stands, and say when there is news again.

    Call it inside the transaction of the announcement.
    """
    window.next_tell_at = find_next_telling(window.starts_at, window.ends_at, now)
    MaintenanceWindow.objects.filter(pk=window.pk).update(
        next_tell_at=window.next_tell_at
    )
    _mail_work(window, find_work_word(window.starts_at, window.ends_at, now), now)


def tell_withdrawn(window: MaintenanceWindow, *, now: datetime) -> None:
    """Mail that announced work will not be, unless it is over."""
    MaintenanceWindow.objects.filter(pk=window.pk).update(next_tell_at=None)
    if now < window.ends_at:
        _mail_work(window, WITHDRAWN, now)


def tell_of_work(*, now: datetime) -> int:
    """Mail the beginning and the end of announced work; returns how many were due."""
    due = MaintenanceWindow.objects.filter(next_tell_at__lte=now)
    rows = {row.pk: row for row in due.select_related("service").order_by("pk")}
    return sweep_each(rows, lambda pk: _tell_due(rows[pk], now), what="window")


def _tell_due(window: MaintenanceWindow, now: datetime) -> int:
    with transaction.atomic():
        won = MaintenanceWindow.objects.filter(
            pk=window.pk, next_tell_at=window.next_tell_at
        ).update(next_tell_at=None)
        if won:
            tell_of_work_now(window, now=now)
    return won


def _mail_work(window: MaintenanceWindow, word: str, now: datetime) -> None:
    page = _find_page(window.service.team_id)
    if page is None:
        return
    touched = page.components.filter(service=window.service_id, is_shown=True)
    names = tuple(touched.values_list("name", flat=True))
    if not names:
        # The page says nothing of this service.
        return
    work = WorkFacts(
        title=window.reason,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        components=names,
    )
    readers = _readers_of(page, touched).filter(hears_maintenance=True)
    # Announced again, it is told again.
    since = int(window.announced_at.timestamp()) if window.announced_at else 0
    topic = f"maintenance:{window.pk}"
    _tell(page, readers, topic, f"{topic}:{word}:{since}", write_work(word, work), now)


def _find_page(team_id: int) -> StatusPage | None:
    return StatusPage.objects.filter(team=team_id, is_published=True).first()


def _readers_of(page: StatusPage, touched: QuerySet[Component]) -> QuerySet[Subscriber]:
    concerned = Q(hears_all=True) | Q(components__in=touched)
    readers = page.subscribers.filter(
        concerned, confirmed_at__isnull=False, paused_at=None
    )
    return readers.distinct().order_by("pk")


def _tell(
    page: StatusPage,
    readers: QuerySet[Subscriber],
    topic: str,
    key: str,
    mail: tuple[str, str],
    now: datetime,
) -> None:
    subject, text = mail
    enqueue_outside(
        [
            OutsideMessage(
                team_id=page.team_id,
                topic=topic,
                dedupe_key=f"{key}:s{reader.pk}",
                address=reader.address,
                address_key=key_of(reader),
                subject=f"[{page.title}] {subject}",
                text=text,
                unsubscribe_url=unsubscribe_url(reader),
            )
            for reader in readers
        ],
        now=now,
    )
