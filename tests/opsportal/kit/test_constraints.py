"""Names of constraints, as Django's own introspection finds them."""

import pytest
from django.apps import apps
from django.db import connection

from opsportal.kit.constraints import constraint_names

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("label", ["oncall", "incidents", "checklists", "runbooks"])
def test_every_constraint_is_found_that_introspection_finds(label):
    named = {
        constraint.name
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
    }
    with connection.cursor() as cursor:
        seen = {
            name
            for model in apps.get_app_config(label).get_models()
            for name in connection.introspection.get_constraints(
                cursor, model._meta.db_table
            )
        }
    assert named & constraint_names() == named & seen == named
