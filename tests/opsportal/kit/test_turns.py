"""Of two who would do the same work, one does it."""

import pytest
from django.db import connection, transaction

from opsportal.kit.turns import takes_turn
from tests.incidents.threads import run_together

pytestmark = pytest.mark.database


@pytest.mark.django_db(transaction=True)
def test_a_turn_is_taken_once_and_ends_with_its_transaction():
    won = []
    with transaction.atomic():
        won.append(takes_turn(7, 1))
        if connection.vendor == "postgresql":
            failures = run_together(1, lambda _: won.append(takes_turn(7, 1)))
            assert (failures, won.pop()) == ([], False)
    with transaction.atomic():
        won.append(takes_turn(7, 1))
    assert won == [True, True]
