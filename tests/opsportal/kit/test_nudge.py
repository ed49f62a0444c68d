"""A hint to a worker leaves when there is something to see, and never earlier."""

import pytest
from django.db import transaction

from opsportal.kit.nudge import nudge


@pytest.mark.django_db
def test_a_hint_waits_for_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as left, transaction.atomic():
        nudge("oncall.deliver_notifications")
    assert len(left) == 1
