"""The page of what a service's checks depend on."""

import pytest
from django.urls import reverse

from tests.factories.checklists import CheckFactory, settle_check
from tests.factories.oncall import ServiceFactory
from tests.factories.runs import NOW

pytestmark = pytest.mark.django_db


def page(client, service):
    response = client.get(reverse("service_dependencies", args=[service.slug]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def network(service, team):
    """A network of another service, with an API on it and a page on that."""
    below = ServiceFactory(team=team, name="Network")
    network = settle_check(CheckFactory(service=below, name="Router"), "fail", at=NOW)
    api = settle_check(CheckFactory(service=service, name="API answers"), "fail")
    shop = CheckFactory(service=service, name="Shop page")
    api.depends_on.add(network)
    shop.depends_on.add(api)
    return network


def test_the_tree_says_who_keeps_whom_quiet(sign_in, service, network):
    html = page(sign_in("viewer"), service)
    assert html.index("Router") < html.index("API answers") < html.index("Shop page")
    assert "kept quiet by Router" in html
    assert "kept quiet by API answers" in html
    assert html.count(">Failing<") == 2


def test_what_was_stopped_keeps_nobody_quiet(sign_in, service, network):
    network.is_enabled = False
    network.save()
    html = page(sign_in("viewer"), service)
    assert "kept quiet by Router" not in html
    assert "Stopped" in html


def test_a_repeated_branch_says_where_it_was(sign_in, service, network):
    other = CheckFactory(service=service, name="Store")
    service.checks.get(name="API answers").depends_on.add(other)
    assert "see above" in page(sign_in("viewer"), service)


def test_only_trees_of_the_service_are_shown(sign_in, team, network):
    alone = ServiceFactory(team=team)
    CheckFactory(service=alone)
    html = page(sign_in("viewer"), alone)
    assert "Nothing depends on anything yet" in html
    assert "Router" not in html


def test_other_teams_see_nothing(sign_in, service):
    url = reverse("service_dependencies", args=[service.slug])
    assert sign_in().get(url).status_code == 404


def test_more_links_take_no_more_questions(
    sign_in, service, network, django_assert_max_num_queries
):
    client = sign_in("viewer")
    page(client, service)
    counts = []
    for _ in range(2):
        CheckFactory(service=service).depends_on.add(network)
        with django_assert_max_num_queries(30) as asked:
            page(client, service)
        counts.append(len(asked))
    assert counts[0] == counts[1]
