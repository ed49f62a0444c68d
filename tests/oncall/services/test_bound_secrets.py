"""The runner gets the secrets of the teams that it works for, and no others."""

import pytest
from cryptography.fernet import Fernet

from oncall.services.secrets import bound_secrets
from opsportal.kit.outbound import BoundSecret
from tests.factories.oncall import SecretFactory, TeamFactory

pytestmark = pytest.mark.django_db


def test_secrets_come_by_team_and_name():
    first, second, other = TeamFactory.create_batch(3)
    SecretFactory(team=first, name="token", value="one", hosts=["a.example.org"])
    SecretFactory(team=second, name="token", value="two", hosts=["b.example.org"])
    SecretFactory(team=other, name="token", value="three")
    assert bound_secrets({first.pk, second.pk}) == {
        first.pk: {"token": BoundSecret("one", ("a.example.org",))},
        second.pk: {"token": BoundSecret("two", ("b.example.org",))},
    }


def test_one_unreadable_secret_leaves_the_others(settings, caplog):
    team, known = TeamFactory(), settings.SECRETS_KEYS
    settings.SECRETS_KEYS = [Fernet.generate_key().decode()]
    SecretFactory(team=team, name="lost")
    settings.SECRETS_KEYS = known
    SecretFactory(team=team, name="kept")
    assert list(bound_secrets([team.pk])[team.pk]) == ["kept"]
    assert [record.message for record in caplog.records] == ["secret_unreadable"]
