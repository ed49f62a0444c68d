"""Choosing light or dark."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from oncall.access import PUBLIC, declares
from opsportal.kit.theme import keep_theme


@declares(PUBLIC)
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the posted `theme` and go back to the page in `next`."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    keep_theme(response, request.POST.get("theme", ""), secure=request.is_secure())
    return response
