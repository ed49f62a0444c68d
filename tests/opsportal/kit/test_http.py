"""Whole pages, parts of them, and where to go afterwards."""

import pytest
from django import forms
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.http import (
    add_error,
    answers_refusals,
    redirect_back,
    render_page,
)


def request_of(method="post", data=None, **headers):
    request = getattr(RequestFactory(), method)("/x/", data or {}, headers=headers)
    request.session = {}
    request._messages = FallbackStorage(request)
    request.htmx = HtmxDetails(request)
    return request


HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("headers", "is_part"),
    [({}, False), (HTMX, True), ({**HTMX, "HX-Boosted": "true"}, False)],
)
def test_htmx_gets_the_part_and_a_browser_the_page(headers, is_part):
    answer = render_page(
        request_of("get", **headers),
        "parts/mark.html",
        {"text": "here"},
        partial="parts/banner.html",
        status=201,
    )
    assert answer.status_code == 201
    assert (b"banner" in answer.content) is is_part


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/oncall/?a=1", "/oncall/?a=1"),
        ("https://evil.example/", "/healthz"),
        ("//evil.example/", "/healthz"),
        ("", "/healthz"),
    ],
)
def test_one_goes_back_only_to_our_own_pages(wanted, got):
    assert redirect_back(request_of(data={"next": wanted}), "healthz").url == got


def test_htmx_is_sent_along_as_well():
    answer = redirect_back(request_of(**HTMX), "healthz")
    assert answer["HX-Redirect"] == "/healthz"


class NameForm(forms.Form):
    name = forms.CharField()


@pytest.mark.parametrize(
    ("error", "status", "field"),
    [
        (PortalError("No.", field="name"), 422, "name"),
        (PortalError("No.", field="elsewhere"), 422, "__all__"),
        (Refused("No."), 409, "__all__"),
    ],
)
def test_a_refusal_stands_where_it_belongs(error, status, field):
    form = NameForm({"name": "x"})
    assert form.is_valid()
    assert add_error(form, error) == status
    assert form.errors == {field: ["No."]}


@answers_refusals("healthz")
def act(request):
    if request.POST.get("how") == "fine":
        return HttpResponse("done")
    raise (Refused if request.POST.get("how") == "late" else PortalError)("No.")


def test_an_act_answers_or_tells_why_not():
    assert act(request_of(data={"how": "fine"})).content == b"done"
    plain = request_of()
    assert act(plain).url == "/healthz"
    assert [str(message) for message in plain._messages] == ["No."]


@pytest.mark.parametrize(("how", "status"), [("late", 409), ("wrong", 422)])
def test_htmx_hears_the_reason_alone(how, status):
    answer = act(request_of(data={"how": how}, **HTMX))
    assert (answer.status_code, answer["HX-Reswap"]) == (status, "none")
    assert b"No." in answer.content
