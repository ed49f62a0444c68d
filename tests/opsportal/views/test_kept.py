"""The page of what is kept for how long."""

from datetime import date

import pytest

from tests.factories.checklists import CheckDayFactory
from tests.factories.oncall import UserFactory

pytestmark = pytest.mark.django_db


def test_admins_see_each_period_its_setting_and_what_would_go(client):
    CheckDayFactory(on=date(2020, 1, 1))
    client.force_login(UserFactory(is_superuser=True))
    html = client.get("/kept/").content.decode()
    for words in (
        "Single results",
        "OPSPORTAL_KEEP_RESULTS_HOURS",
        "Closed runs",
        "Messages of alert senders",
        "Entries of the audit log",
        "OPSPORTAL_KEEP_AUDIT_DAYS",
    ):
        assert words in html
    assert html.count('data-label="Would go now" class="num end">0<') == 6
    assert html.count('data-label="Would go now" class="num end">1<') == 1


def test_nobody_else_does(client):
    client.force_login(UserFactory())
    assert client.get("/kept/").status_code == 403
