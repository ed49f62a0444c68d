"""What belongs to no app but to every answer."""

import pytest

from tests.factories.oncall import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(client):
    client.force_login(UserFactory())
    return client


def test_an_address_that_only_acts_explains_itself_in_a_browser(opened):
    answer = opened.get("/alerts/many/", headers={"accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address is no page" in answer.content.decode()


def test_machines_get_the_refusal_alone(opened):
    answer = opened.get("/alerts/many/", headers={"accept": "*/*"})
    assert (answer.status_code, answer.content) == (405, b"")
