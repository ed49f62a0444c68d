"""What is kept for how long, and how much is past its time."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from oncall.access import MEMBER, PortalRequest, declares
from opsportal.retention import list_expiring


@declares(MEMBER)
@require_safe
def show_kept(request: PortalRequest) -> HttpResponse:
    """Show admins each period, the setting that says it, and what would go now."""
    if not request.user.is_superuser:
        raise PermissionDenied("What is kept for how long is for admins.")
    return render(request, "opsportal/kept.html", {"rows": list_expiring(request.now)})
