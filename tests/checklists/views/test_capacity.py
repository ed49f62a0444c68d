"""The page of a service's capacity, and the same for programs."""

import random
from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse

from checklists.domain.observation import Outcome
from checklists.domain.packing import pack_day
from checklists.domain.rollup import HOUR, Look, roll_up
from checklists.models import CheckDay
from tests.factories.checklists import CheckFactory
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.runs import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def measure(service, name, values, **more):
    """Make a check with a value for each of the last days, the last yesterday's."""
    check = CheckFactory(
        service=service,
        name=name,
        **{"unit": "%", "condition": "value < 80%", "last_value": 1.0} | more,
    )
    today = datetime.combine(NOW.date(), time(), UTC)
    for age, value in enumerate(reversed(values), start=1):
        day = today - age * DAY
        looks = [Look(day, Outcome.PASS, value)]
        CheckDay.objects.create(
            check_ref=check,
            on=day.date(),
            hours=pack_day(roll_up(looks, HOUR), day, HOUR),
        )
    return check


def page(client, service):
    response = client.get(reverse("service_capacity", args=[service.slug]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_what_grows_says_when_its_limit_is_reached(sign_in, service):
    SeverityLevelFactory(service=service, label="Critical", level=1)
    measure(service, "Memory", [30.0 + n % 2 for n in range(20)], condition="")
    measure(
        service,
        "Disk",
        [59.0 + n / 2 for n in range(20)],
        ladder=[{"severity": "Critical", "condition": "value > 95%"}],
    )
    measure(service, "Free", [1e12 - n * 1e9 for n in range(60)], unit="B",
            condition="value > 100 GB")  # fmt: skip
    measure(service, "New", [1.0] * 3)
    measure(service, "Broken", [1.0 * n for n in range(9)], condition="value <")
    html = page(sign_in("viewer"), service)
    assert html.index("Disk") < html.index("Free") < html.index("Memory")
    for words in (
        # 69 % now at 3.5 % a week: 11 % are left.
        "+3.5 % a week",
        "80 %",
        "5 Feb 2026",
        "-7 GB a week",
        "no clear trend",
        "not enough days yet",
    ):
        assert words in html, words


def test_an_uncertain_end_is_said(sign_in, service):
    chance = random.Random(8)  # noqa: S311 -- no secret
    noisy = [50 + n * 0.02 + chance.gauss(0, 0.7) for n in range(60)]
    measure(service, "Disk", noisy, condition="value < 90%")
    assert "later than in ten years" in page(sign_in("viewer"), service)


def test_nothing_measured_is_a_sentence(sign_in, service):
    CheckFactory(service=service)
    assert "Nothing is measured yet" in page(sign_in("viewer"), service)


def test_other_teams_see_nothing(sign_in, service):
    url = reverse("service_capacity", args=[service.slug])
    assert sign_in().get(url).status_code == 404


def test_more_checks_take_no_more_questions(
    sign_in, service, django_assert_max_num_queries
):
    client = sign_in("viewer")
    page(client, service)
    counts = []
    for number in (1, 2):
        for each in range(number):
            measure(service, f"Disk {number} {each}", [float(n) for n in range(9)])
        with django_assert_max_num_queries(30) as asked:
            page(client, service)
        counts.append(len(asked))
    assert counts[0] == counts[1]
