"""How the viewer is reached: methods, and by which of them when."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from oncall.access import MEMBER, PortalRequest, declares
from oncall.forms.profile import MethodForm, RuleForm
from oncall.models import ContactMethod, NotificationRule
from oncall.queries import people
from oncall.services import contacts, notification_rules
from oncall.views.profile import act_on_profile
from opsportal.kit.errors import PortalError
from opsportal.kit.http import answers_refusals, redirect_back
from opsportal.kit.toasts import say


@declares(MEMBER)
@require_POST
def add_method(request: PortalRequest) -> HttpResponse:
    """Keep a way to reach the viewer and send a code there."""
    form = MethodForm(request.POST, is_admin=request.user.is_superuser)

    def act() -> str:
        contacts.add_contact_method(request.user, now=request.now, **form.cleaned_data)
        return "A code is on its way there. Enter it below."

    return act_on_profile(request, "method_form", form, act)


def _find_method(request: PortalRequest, pk: int) -> ContactMethod:
    return get_object_or_404(ContactMethod, pk=pk, user=request.user)


@declares(MEMBER)
@require_POST
@answers_refusals("profile")
def verify_method(request: PortalRequest, pk: int) -> HttpResponse:
    """Take the code that came back."""
    method = _find_method(request, pk)
    code = request.POST.get("code", "")
    contacts.verify_contact_method(method, code, now=request.now)
    say(request, "Verified. Messages go there from now on.")
    return redirect_back(request, "profile")


@declares(MEMBER)
@require_POST
@answers_refusals("profile")
def resend_code(request: PortalRequest, pk: int) -> HttpResponse:
    """Send another code."""
    contacts.send_code_again(_find_method(request, pk), now=request.now)
    say(request, "A new code is on its way.")
    return redirect_back(request, "profile")


@declares(MEMBER)
@require_POST
def remove_method(request: PortalRequest, pk: int) -> HttpResponse:
    """Forget a way to reach the viewer."""
    method = _find_method(request, pk)
    contacts.remove_contact_method(method, by=request.user, now=request.now)
    say(request, "Forgotten.")
    return redirect_back(request, "profile")


@declares(MEMBER)
@require_POST
def move_method(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a method before or behind its neighbour."""
    method = _find_method(request, pk)
    is_up = request.POST.get("to") == "up"
    contacts.move_contact_method(method, up=is_up, now=request.now)
    return redirect_back(request, "profile")


@declares(MEMBER)
@require_POST
@answers_refusals("profile")
def test_method(request: PortalRequest, pk: int) -> HttpResponse:
    """Send a test there."""
    contacts.send_test(_find_method(request, pk), now=request.now)
    say(request, "A test is on its way. How it went stands beside the method.")
    return redirect_back(request, "profile")


@declares(MEMBER)
@require_POST
def add_rule(request: PortalRequest) -> HttpResponse:
    """Add a notification rule."""
    form = RuleForm(request.POST, methods=people.methods_of(request.user))

    def act() -> str:
        clean = form.cleaned_data
        try:
            notification_rules.add_rule(
                request.user,
                urgency=clean["urgency"],
                method=_find_method(request, clean["method"]),
                delay=timedelta(minutes=clean["minutes"]),
                now=request.now,
            )
        except PortalError as error:
            error.field = {"delay": "minutes"}.get(error.field, error.field)
            raise
        return "Messages follow it from now on."

    return act_on_profile(request, "rule_form", form, act)


@declares(MEMBER)
@require_POST
def remove_rule(request: PortalRequest, pk: int) -> HttpResponse:
    """Forget a notification rule."""
    rule = get_object_or_404(NotificationRule, pk=pk, user=request.user)
    notification_rules.remove_rule(rule, by=request.user, now=request.now)
    say(request, "Forgotten.")
    return redirect_back(request, "profile")
