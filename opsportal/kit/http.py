"""Manners of a view: whole page or part of it, and where to go afterwards."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from opsportal.kit.errors import PortalError
from opsportal.kit.toasts import say

_P = ParamSpec("_P")
_OOB = "parts/messages_oob.html"
INVALID = 422


def render_page(
    request: HttpRequest,
    template: str,
    ctx: dict[str, Any] | None = None,
    partial: str | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render ``template``, or for htmx only ``partial`` and the waiting messages."""
    if partial is None or not _wants_part(request):
        return render(request, template, ctx, status=status)
    parts = [render_to_string(name, ctx, request) for name in (partial, _OOB)]
    return HttpResponse("".join(parts), status=status)


def redirect_back(request: HttpRequest, to: Any, *args: Any) -> HttpResponse:
    """Go to the posted ``next`` when it is ours, else to ``to`` (as in redirect())."""
    url = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}):
        url = resolve_url(to, *args)
    if _wants_part(request):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def add_error(form: BaseForm, error: PortalError) -> int:
    """Put a refusal where the person typed; return the status to answer with."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    return INVALID if error.status == PortalError.status else error.status


def answers_refusals(
    to: str, *, keyword: str = ""
) -> Callable[
    [Callable[Concatenate[Any, _P], HttpResponse]],
    Callable[Concatenate[Any, _P], HttpResponse],
]:
    """Decorate a view that only acts: a PortalError becomes a message.

    The page goes back to ``to`` (with the view's argument ``keyword``); htmx gets
    the message alone with status 409 or 422.
    """

    def wrap(
        view: Callable[Concatenate[Any, _P], HttpResponse],
    ) -> Callable[Concatenate[Any, _P], HttpResponse]:
        @wraps(view)
        def answer(
            request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs
        ) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except PortalError as error:
                say(request, error.message, level=messages.ERROR)
                if _wants_part(request):
                    return _answer_part(request, error)
                where = [kwargs[keyword]] if keyword else []
                return redirect_back(request, to, *where)

        return answer

    return wrap


def _answer_part(request: HttpRequest, error: PortalError) -> HttpResponse:
    status = INVALID if error.status == PortalError.status else error.status
    response = HttpResponse(render_to_string(_OOB, request=request), status=status)
    # Nothing but the message: what the page shows stays.
    response["HX-Reswap"] = "none"
    return response


def _wants_part(request: HttpRequest) -> bool:
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and not getattr(htmx, "boosted", False)
