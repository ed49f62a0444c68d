"""Acting on an alert by a link in a mail: looking changes nothing."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents.domain import severity
from incidents.services.mail_links import MailLink, read_link
from incidents.services.remote_acts import LABELS, act_on_alert
from oncall.access import PUBLIC, PortalRequest, declares
from opsportal.kit.errors import Refused
from opsportal.kit.toasts import say

_PAGE = "incidents/mail_link.html"


@declares(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def use_mail_link(request: PortalRequest, name: str, token: str) -> HttpResponse:
    """Ask before acting; act on POST, as the person the link was sent to.

    Mail programs and scanners open links on their own: those see the question only.
    """
    try:
        link = read_link(name, token, now=request.now)
    except Refused as refusal:
        return _refuse(request, refusal.message, status=410)
    if link is None:
        raise Http404
    # Who is not signed in has no key.
    if request.user.pk not in {None, link.user.pk}:
        text = "This link was sent to somebody else. Open the alert as yourself."
        return _refuse(request, text, status=403)
    if request.method == "POST":
        return _act(request, link)
    ctx = {
        "alert": link.alert,
        "word": link.alert.severity_label or severity.name_level(link.alert.level),
        "tone": severity.alert_tone(link.alert.level),
        "label": LABELS[name],
        "is_open": link.alert.status != "resolved"
        and (name != "acknowledge" or link.alert.status == "firing"),
        "person": link.user.display_name,
        "ends_at": link.ends_at,
    }
    return render(request, _PAGE, ctx)


def _act(request: PortalRequest, link: MailLink) -> HttpResponse:
    try:
        told = act_on_alert(
            link.name, link.alert, by=link.user, via="by mail link", now=request.now
        )
        say(request, told)
    except Refused as refusal:
        say(request, refusal.message, level=messages.ERROR)
    return redirect(request.path)


def _refuse(request: HttpRequest, text: str, *, status: int) -> HttpResponse:
    return render(request, _PAGE, {"refusal": text}, status=status)
