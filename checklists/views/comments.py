"""What people say about a run: a plain form that htmx swaps in place."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from checklists.queries.run_story import comments_of, names_in
from checklists.queries.runs import get_run_for
from checklists.services.commenting import comment_on_run
from oncall.access import PortalRequest, authorize, declares
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, redirect_back
from opsportal.kit.toasts import say


@declares("run.work")
@require_POST
def comment(request: PortalRequest, pk: int) -> HttpResponse:
    """Add a comment to a run."""
    run = get_run_for(request.actor, pk)
    authorize(request.actor, "run.work", run.team_id)
    text = request.POST.get("text", "")
    error, status = "", 200
    try:
        comment_on_run(run.pk, text, by=request.user, now=request.now)
    except PortalError as refused:
        error = refused.message
        status = INVALID if refused.status == PortalError.status else refused.status
    if not request.htmx:
        if error:
            say(request, error, level=40)
        return redirect_back(request, f"{reverse('run_detail', args=[pk])}#comments")
    ctx = {
        "run": run,
        "comments": comments_of(run.pk),
        "names": names_in(run.team_id),
        "can_comment": True,
        "error": error,
        "typed": text if error else "",
    }
    return render(request, "checklists/_comments.html", ctx, status=status)
