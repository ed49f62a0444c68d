"""The pages of postmortems."""

from typing import Any, cast

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from incidents import queries
from incidents.domain.postmortem import MOVES, READ
from incidents.domain.postmortem_formats import FORMATS, Section
from incidents.domain.postmortem_markdown import (
    find_unfilled,
    is_filled,
    write_body,
    write_markdown,
)
from incidents.models import Incident, Postmortem, PostmortemSection
from incidents.postmortem_forms import PersonForm, SectionForm, StartForm, WaiverForm
from incidents.queries import postmortems as rows
from incidents.services import postmortems as services
from incidents.services.postmortem_duty import is_needed
from incidents.views.finding import find_incident, or_404, team_ids
from oncall.access import PortalRequest, declares, may
from opsportal.kit.choices import say_none_such
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say

_LABELS = {
    ("draft", "in_review"): ("Ask for review", "pri"),
    ("in_review", "reviewed"): ("Reviewed", "pri"),
    ("in_review", "draft"): ("Send back", ""),
    ("reviewed", "closed"): ("Close", "pri"),
    ("reviewed", "in_review"): ("Review again", ""),
}


@declares("team.see")
@require_GET
def list_postmortems(request: PortalRequest) -> HttpResponse:
    """Show postmortems that need work, or those that are done."""
    is_open = request.GET.get("tab") != "done"
    ctx = {
        "is_open": is_open,
        "rows": rows.list_postmortems(team_ids(request), is_open=is_open),
        "tabs": [
            {"label": "To do", "url": "?tab=open", "is_current": is_open},
            {"label": "Done", "url": "?tab=done", "is_current": not is_open},
        ],
        "crumbs": [("Incidents", reverse("incident_list"))],
    }
    return render_page(request, "incidents/postmortem_list.html", ctx)


@declares("team.see")
@require_GET
def show(request: PortalRequest, ref: str) -> HttpResponse:
    """Show the postmortem, or how to begin one."""
    incident = find_incident(request, ref)
    found = rows.get_postmortem(incident.pk)
    ctx = _around(request, incident)
    if found is None:
        ctx["form"] = StartForm(
            initial={"format": rows.format_of_service(incident.severity.service_id)}
        )
        return render_page(request, "incidents/postmortem_start.html", ctx)
    return render_page(
        request, "incidents/postmortem.html", ctx | _whole(request, incident, found)
    )


@declares("incident.work")
@require_POST
@answers_refusals("postmortem", keyword="ref")
def start(request: PortalRequest, ref: str) -> HttpResponse:
    """Draft it from the incident."""
    incident = find_incident(request, ref, to="incident.work")
    form = StartForm(request.POST)
    if not form.is_valid():
        raise PortalError("Choose one of the formats.")
    services.start_postmortem(
        incident.pk, by=request.user, now=request.now, form=form.cleaned_data["format"]
    )
    say(request, "Drafted from the timeline.")
    return redirect_back(request, "postmortem", ref)


@declares("incident.work")
@require_POST
@answers_refusals("postmortem", keyword="ref")
def waive(request: PortalRequest, ref: str) -> HttpResponse:
    """Say why the incident needs none."""
    incident = find_incident(request, ref, to="incident.work")
    reason = request.POST.get("reason", "")
    services.waive_postmortem(incident.pk, reason, by=request.user, now=request.now)
    say(request, "Waived.")
    return redirect_back(request, "postmortem", ref)


@declares("incident.work")
@require_POST
@answers_refusals("postmortem", keyword="ref")
def move(request: PortalRequest, ref: str) -> HttpResponse:
    """Ask for review, send back, review, close."""
    _, found = _find(request, ref)
    state = request.POST.get("state", "")
    if state not in MOVES:
        raise PortalError(say_none_such("state", MOVES))
    moved = services.move_postmortem(
        found.pk,
        state,
        by=request.user,
        now=request.now,
        message=request.POST.get("message", ""),
    )
    say(request, f"The postmortem is {moved.get_state_display().lower()}.")
    return redirect_back(request, "postmortem", ref)


@declares("incident.work")
@require_POST
@answers_refusals("postmortem", keyword="ref")
def redraft(request: PortalRequest, ref: str) -> HttpResponse:
    """Draft what nobody has edited once more."""
    _, found = _find(request, ref)
    changed = services.redraft(found.pk, by=request.user, now=request.now)
    say(request, f"{changed} section{'' if changed == 1 else 's'} drafted again.")
    return redirect_back(request, "postmortem", ref)


@declares("incident.work")
@require_POST
@answers_refusals("postmortem", keyword="ref")
def give(request: PortalRequest, ref: str) -> HttpResponse:
    """Give it to somebody."""
    incident, found = _find(request, ref)
    user = _read_person(request, incident)
    services.set_owner(found.pk, user, by=request.user, now=request.now)
    return redirect_back(request, "postmortem", ref)


@declares("incident.work")
@require_POST
@answers_refusals("postmortem", keyword="ref")
def ask(request: PortalRequest, ref: str) -> HttpResponse:
    """Ask somebody to review it."""
    incident, found = _find(request, ref)
    user = _read_person(request, incident)
    if user is None:
        raise PortalError("Choose a person of the team.")
    services.ask_reviewer(found.pk, user, by=request.user, now=request.now)
    say(request, f"{user.display_name} is told.")
    return redirect_back(request, "postmortem", ref)


@declares("incident.work")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, ref: str, key: str) -> HttpResponse:
    """Write one section; what somebody else wrote meanwhile is shown beside it."""
    incident, found = _find(request, ref)
    part = or_404(rows.format_of(found).find_section(key))
    section = next(each for each in found.sections.all() if each.key == key)
    form = SectionForm(
        request.POST or None,
        initial={"text": section.text, "version": section.version},
    )
    ctx = {**_around(request, incident), "form": form, "part": part}
    if request.method != "POST":
        return _answer_section(request, ctx)
    if not form.is_valid():
        return _answer_section(request, ctx, status=422)
    try:
        services.edit_section(
            found.pk,
            key,
            form.cleaned_data["text"],
            expected_version=form.cleaned_data["version"],
            by=request.user,
            now=request.now,
        )
    except Conflict as conflict:
        theirs = cast("PostmortemSection", conflict.current)
        form.data = {**request.POST.dict(), "version": theirs.version}
        return _answer_section(request, ctx | {"theirs": theirs}, status=409)
    except PortalError as error:
        return _answer_section(request, ctx, status=add_error(form, error))
    say(request, "Saved.")
    return redirect_back(request, "postmortem", ref)


@declares("team.see")
@require_GET
def show_history(request: PortalRequest, ref: str, key: str) -> HttpResponse:
    """Show what a section said before."""
    incident = find_incident(request, ref)
    found = or_404(rows.get_postmortem(incident.pk))
    ctx = {
        **_around(request, incident),
        "part": or_404(rows.format_of(found).find_section(key)),
        "section": next(each for each in found.sections.all() if each.key == key),
        "revisions": rows.list_revisions(found.pk, key),
    }
    return render_page(request, "incidents/postmortem_history.html", ctx)


@declares("team.see")
@require_GET
def export(request: PortalRequest, ref: str, kind: str) -> HttpResponse:
    """Give the whole as Markdown or PDF."""
    incident = find_incident(request, ref)
    found = or_404(rows.get_postmortem(incident.pk))
    document = write_markdown(rows.format_of(found), rows.whole_texts(found))
    if kind == "md":
        answer = HttpResponse(document, content_type="text/markdown; charset=utf-8")
    else:
        from opsportal.kit.pdf import write_pdf  # noqa: PLC0415 -- heavy, and rarely asked for

        title = f"{incident.ref} {incident.title}"
        answer = HttpResponse(write_pdf(document, title=title), "application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{ref}.{kind}"'
    return answer


def _find(request: PortalRequest, ref: str) -> tuple[Incident, Postmortem]:
    incident = find_incident(request, ref, to="incident.work")
    return incident, or_404(rows.get_postmortem(incident.pk))


def _read_person(request: PortalRequest, incident: Incident) -> Any:
    members = queries.list_members(incident.team_id)
    form = PersonForm(request.POST, members=members, label="Person")
    if not form.is_valid():
        raise PortalError("Choose a person of the team.")
    return form.cleaned_data["user"]


def _around(request: PortalRequest, incident: Incident) -> dict[str, Any]:
    return {
        "incident": incident,
        "team": incident.team,
        "may_work": may(request.actor, "incident.work", incident.team_id),
        "is_needed": is_needed(incident),
        "waiver": WaiverForm(),
        "crumbs": [
            ("Postmortems", reverse("postmortem_list")),
            (incident.ref, reverse("incident_detail", args=[incident.ref])),
        ],
    }


def _whole(
    request: PortalRequest, incident: Incident, found: Postmortem
) -> dict[str, Any]:
    form = rows.format_of(found)
    texts = rows.whole_texts(found)
    sections = {each.key: each for each in found.sections.all()}
    members = queries.list_members(incident.team_id)
    return {
        "found": found,
        "format": FORMATS[found.format],
        "facts": [
            (part.heading, texts[part.key]) for part in form.sections if _is_short(part)
        ],
        "parts": [
            _part(part, texts, sections.get(part.key))
            for part in form.sections
            if not _is_short(part)
        ],
        "unfilled": find_unfilled(form, texts),
        "is_late": found.due_at is not None
        and found.due_at < request.now
        and found.state not in READ
        and found.waived_at is None,
        "is_editable": found.state not in READ,
        "moves": [
            (state, *_LABELS[found.state, state])
            for state in MOVES[found.state]
            if state != "reviewed" or found.owner_id != request.user.pk
        ],
        "owner_form": PersonForm(
            initial={"user": found.owner_id}, members=members, label="Owner"
        ),
        "reviewer_form": PersonForm(
            members=[each for each in members if each.pk != found.owner_id],
            label="Reviewer",
            prefix=None,
            auto_id="reviewer_%s",
        ),
    }


def _is_short(part: Section) -> bool:
    return part.is_fact and part.shape == "line"


def _part(
    part: Section, texts: dict[str, str], section: PostmortemSection | None
) -> dict[str, Any]:
    return {
        "part": part,
        "body": write_body(part, texts[part.key]),
        "section": section,
        "is_missing": not part.is_fact
        and part.is_required
        and not is_filled(texts[part.key]),
    }


def _answer_section(
    request: PortalRequest, ctx: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render_page(request, "incidents/postmortem_section.html", ctx, status=status)
