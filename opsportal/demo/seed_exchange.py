"""A swap that waits for an answer, and people who are away, one of them on call."""

from datetime import datetime, timedelta

from oncall.domain.swap import Leg
from oncall.models import Absence, User
from oncall.queries.swaps import ShiftRow, shifts_ahead
from oncall.services.absences import AbsenceForm, add_absence
from oncall.services.swap_checks import SwapForm
from oncall.services.swaps import request_swap
from opsportal.demo.seed_teams import Teams

DAY = timedelta(days=1)


def seed_exchange(rows: Teams, now: datetime) -> None:
    """Ask for a swap, and note two absences of which one meets a shift."""
    asked_at = now - timedelta(minutes=40)
    first, second = _coming(rows, "platform", now)[:2]
    giver = _person(rows, first)
    wish = SwapForm(
        (Leg(first.role, first.starts_at, first.ends_at),), reason="Wedding"
    )
    request_swap(rows.schedules["platform"], wish, by=giver, now=asked_at)
    clashing = AbsenceForm(
        second.starts_at + DAY,
        second.starts_at + 3 * DAY,
        Absence.Kind.TRAINING,
        "Conference",
    )
    person = _person(rows, second)
    add_absence(person, clashing, by=person, now=asked_at)
    away = _coming(rows, "energy", now)[-1]
    leave = AbsenceForm(away.ends_at + DAY, away.ends_at + 6 * DAY, note="Mountains")
    person = _person(rows, away)
    add_absence(person, leave, by=person, now=asked_at)


def _coming(rows: Teams, team: str, now: datetime) -> list[ShiftRow]:
    """Return the whole shifts of the first role within five weeks."""
    found = shifts_ahead(rows.schedules[team], now, days=5 * 7 * DAY)
    whole = [
        shift
        for shift in found
        if shift.role == "primary" and shift.starts_at > now + DAY
    ]
    return [shift for shift in whole if shift.ends_at - shift.starts_at > 3 * DAY]


def _person(rows: Teams, shift: ShiftRow) -> User:
    return next(user for user in rows.people.values() if user.pk == shift.user_id)
