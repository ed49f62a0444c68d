"""A page that still stands, and a database that hung up meanwhile."""

import pytest
from django.db import connection
from django.test import Client

from tests.factories.oncall import TeamFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_a_connection_that_died_meanwhile_is_replaced():
    if connection.vendor != "postgresql":
        pytest.skip("a file does not hang up")
    client = Client()
    client.force_login(
        UserFactory(team=TeamFactory()),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    client.get("/")  # It gets its token.
    name = client.get("/")["ETag"]
    connection.connection.close()
    assert client.get("/", headers={"if-none-match": name}).status_code == 304
    assert connection.is_usable()
