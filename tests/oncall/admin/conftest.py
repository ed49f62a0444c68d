"""An administrator in the admin of oncall, on a still day."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.conftest import NOW
from tests.factories.oncall import AdminFactory


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client():
    client = Client()
    client.user = AdminFactory()
    client.force_login(client.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(model, page, *args):
    return reverse(f"admin:oncall_{model._meta.model_name}_{page}", args=args)


def text(answer):
    return answer.content.decode()
