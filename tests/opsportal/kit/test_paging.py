"""Pages of API lists: what was asked for, and no count without an end."""

import pytest

from incidents.models import AlertSeries
from opsportal.kit import paging
from opsportal.kit.paging import Window, cut
from tests.factories.incidents import AlertSeriesFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("kind", ["list", "rows", "sliced"])
def test_a_page_says_whether_others_follow_and_counts_up_to_a_bound(kind, monkeypatch):
    monkeypatch.setattr(paging, "MOST_COUNTED", 3)
    pks = [AlertSeriesFactory().pk for _ in range(5)]
    query = AlertSeries.objects.order_by("pk").values_list("pk", flat=True)
    rows = {"list": pks, "rows": query, "sliced": query[:5]}[kind]
    assert cut(rows, Window(limit=2, offset=1)) == {
        "items": pks[1:3],
        "count": 3,
        "has_more": True,
    }
    assert cut(rows, Window(limit=2, offset=3))["has_more"] is False
    assert cut(rows, Window(limit=2, offset=9)) == {
        "items": [],
        "count": 3,
        "has_more": False,
    }
