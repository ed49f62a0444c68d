"""Looking at what a cadence would open, before it is saved."""

import pytest

from checklists.models import Cadence
from checklists.services.cadences import CadencePlan, preview_cadence
from checklists.services.generation import open_due_runs
from oncall.models import Holiday, HolidayCalendar
from opsportal.kit.errors import PortalError
from tests.factories.runs import NOW, TIMING, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def plan(**change):
    raw = {"rule": {"kind": "daily"}, "timing": TIMING, "time_zone": "Europe/Berlin"}
    return CadencePlan(**{**raw, **change})


def test_a_preview_counts_the_calendar_of_the_cadence_and_writes_nothing():
    checklist = make_checklist()
    cadence = checklist.cadences.get()
    calendar = HolidayCalendar.objects.create(name="Berlin")
    Holiday.objects.create(calendar=calendar, on="2026-01-15", name="A day off")
    cadence.calendar = calendar
    cadence.save()
    found = preview_cadence(checklist, plan(holidays="skip"), was=cadence, now=NOW)
    assert [slot.period_key for slot in found[:2]] == ["2026-01-16", "2026-01-17"]
    found = preview_cadence(checklist, plan(holidays="skip"), was=None, now=NOW)
    assert found[0].period_key == "2026-01-15"
    assert Cadence.objects.count() == 1


def test_a_floating_one_goes_on_from_the_last_run_of_its_cadence():
    checklist = make_checklist()
    floating = plan(rule={"kind": "floating", "days_after": 3})
    (slot,) = preview_cadence(checklist, floating, was=None, now=NOW)
    assert slot.period_key == "2026-01-17#1"
    open_due_runs(now=NOW)
    cadence = checklist.cadences.get()
    assert preview_cadence(checklist, floating, was=cadence, now=NOW) == []


def test_what_cannot_be_saved_cannot_be_looked_at():
    with pytest.raises(PortalError) as refused:
        preview_cadence(
            make_checklist(), plan(time_zone="Mars/Olympus"), was=None, now=NOW
        )
    assert refused.value.field == "time_zone"
