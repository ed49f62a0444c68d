"""Servers that take what is delivered."""

import pytest

from tests.oncall.sinks import HttpSink, MailSink


@pytest.fixture
def http_sink(settings):
    """A webhook receiver on loopback that the portal may reach."""
    sink = HttpSink()
    settings.EGRESS_ALLOW = f"127.0.0.1/32:{sink.port}"
    yield sink
    sink.close()


@pytest.fixture
def mail_sink(settings):
    """The mail server of the portal, on loopback."""
    sink = MailSink()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield sink
    sink.close()
