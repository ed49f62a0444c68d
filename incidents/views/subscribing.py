"""Hearing of a public page by mail: asked, confirmed and ended by anybody."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.domain.subscriptions import say_wish
from incidents.models import StatusPage, Subscriber
from incidents.queries.subscribers import (
    get_published_page,
    names_of,
    shown_components,
)
from incidents.services import subscribers
from incidents.services.status_pages import page_url
from incidents.update_forms import SubscribeForm
from oncall.access import PUBLIC, PortalRequest, declares
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error

# So many questions an hour may one client have sent, whatever the addresses.
MOST_ASKED = 10
_HOUR_SECONDS = 3600


@declares(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: PortalRequest, slug: str) -> HttpResponse:
    """Ask for mails; the answer does not say whether an address is known."""
    page = get_published_page(slug)
    if page is None:
        raise Http404
    form = SubscribeForm(request.POST or None, components=shown_components(page))
    status = 200
    if request.method == "POST":
        status = 422
        if _has_asked_too_often(request):
            status = 429
            form.add_error(None, "Too many questions from here. Try again in an hour.")
        elif form.is_valid():
            try:
                subscribers.ask_subscription(page, form.read(), now=request.now)
            except PortalError as error:
                status = add_error(form, error)
            else:
                return redirect(f"{request.path}?asked=yes")
    ctx = _about(page) | {"form": form, "asked": request.GET.get("asked") == "yes"}
    return render(request, "incidents/public/subscribe.html", ctx, status=status)


@declares(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: PortalRequest, token: str) -> HttpResponse:
    """Show what a link confirms; only posting it does."""
    row = subscribers.find_request(token, now=request.now)
    if row is None:
        return _refuse(request)
    ctx = _about(row.page) | {"words": _say(row)}
    if request.method == "POST":
        ctx["is_done"] = bool(subscribers.confirm_subscription(token, now=request.now))
    return render(request, "incidents/public/confirm.html", ctx)


@csrf_exempt  # RFC 8058: the mail program posts, with the signed address alone.
@declares(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: PortalRequest, signed: str) -> HttpResponse:
    """Show whose mails a link ends; only posting it does, as often as one likes."""
    row = subscribers.find_subscription(signed)
    ctx = (_about(row.page) | {"words": _say(row)}) if row else {}
    if request.method == "POST":
        subscribers.end_subscription(signed, now=request.now)
        ctx["is_done"] = True
    return render(request, "incidents/public/unsubscribe.html", ctx)


def _has_asked_too_often(request: HttpRequest) -> bool:
    key = f"subscribe:{get_adapter().get_client_ip(request)}"
    asked = cache.get(key, 0) + 1
    cache.set(key, asked, _HOUR_SECONDS)
    return bool(asked > MOST_ASKED)


def _about(page: StatusPage) -> dict[str, object]:
    return {"page": page, "page_url": page_url(page.slug)}


def _say(row: Subscriber) -> str:
    return say_wish(
        names_of(row),
        hears_incidents=row.hears_incidents,
        hears_maintenance=row.hears_maintenance,
    )


def _refuse(request: HttpRequest) -> HttpResponse:
    return render(request, "incidents/public/confirm.html", status=410)
