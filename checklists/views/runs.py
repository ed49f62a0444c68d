"""The page of a run."""

from django.http import HttpResponse

from checklists.queries.runs import get_run_for
from oncall.access import PortalRequest, declares


@declares("team.see")
def show_run(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one run."""
    return HttpResponse(str(get_run_for(request.actor, pk)))
