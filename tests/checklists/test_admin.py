"""What administrators may say of checks, as managers may on pages."""

import pytest

from checklists.admin import CheckForm
from tests.factories.checklists import CheckFactory
from tests.factories.oncall import ServiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def errors_of(check, *parents):
    form = CheckForm(
        {"service": check.service_id, "depends_on": [each.pk for each in parents]},
        instance=check,
    )
    return " ".join(form.errors.get("depends_on", []))


def test_no_circle_and_no_other_team_comes_in_through_the_administration():
    service = ServiceFactory()
    top, low = (CheckFactory(service=service, name=name) for name in ("Top", "Low"))
    low.depends_on.add(top)
    assert errors_of(top, low) == "“Low” depends on this check already."
    assert errors_of(top, top) == "“Top” depends on this check already."
    assert errors_of(low, top) == ""
    assert "another team" in errors_of(low, CheckFactory())
