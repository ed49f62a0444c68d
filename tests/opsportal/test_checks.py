"""What the portal refuses to start with."""

from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from opsportal.checks import check_mail_leaves, find_undeclared


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_every_view_declares_its_action():
    assert [each for each in run_checks() if each.id == "opsportal.E003"] == []


def test_a_view_that_declares_nothing_is_named():
    undeclared.__module__ = "oncall.views.new"
    nested = [path("x/", include([path("y/", undeclared)]))]
    (error,) = find_undeclared(nested)
    assert "oncall.views.new.undeclared" in error.msg


def test_views_of_others_are_theirs():
    undeclared.__module__ = "allauth.views"
    assert list(find_undeclared([path("y/", undeclared)])) == []


def test_mail_without_a_server_is_warned_of(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert [each.id for each in check_mail_leaves()] == ["opsportal.W001"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert check_mail_leaves() == []
