"""Writing postmortems: start, edit, review, waive."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.domain.action_item import OPEN
from incidents.domain.postmortem import READ, Ground, refuse_postmortem_move
from incidents.domain.postmortem_draft import draft_kept
from incidents.domain.postmortem_markdown import find_unfilled, tidy
from incidents.models import (
    Incident,
    Postmortem,
    PostmortemRevision,
    PostmortemSection,
)
from incidents.queries.postmortems import format_of, read_facts, texts_of
from incidents.services.postmortem_duty import (
    draft_postmortem,
    find_next_reminder,
    url_of,
)
from incidents.services.timeline import append_entry, hold_incident
from oncall.models import Membership, User
from oncall.services import notifications
from oncall.services.audit import record_change
from opsportal.kit.choices import say_none_such
from opsportal.kit.errors import Conflict, PortalError, Refused

State = Postmortem.State


def start_postmortem(
    incident_pk: int, *, by: User, now: datetime, form: str = ""
) -> Postmortem:
    """Draft a postmortem that ``by`` owns; ``form`` is a format, "" the service's.

    Raises Refused when there is one already.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        if Postmortem.objects.filter(incident=incident).exists():
            raise Refused("This incident has a postmortem already.")
        made = draft_postmortem(incident, owner=by, now=now, form=form)
        _record("start", made, incident, by=by, now=now)
    return made


def edit_section(
    postmortem_pk: int,
    key: str,
    text: str,
    *,
    expected_version: int,
    by: User,
    now: datetime,
) -> PostmortemSection:
    """Write one section over what ``expected_version`` showed; the old text is kept.

    Raises Conflict with the section of now when somebody was faster, Refused once it
    is reviewed, and PortalError for a section that the format does not have.
    """
    with transaction.atomic():
        postmortem, incident = _hold(postmortem_pk)
        _check_open(postmortem)
        form = format_of(postmortem)
        part = form.find_section(key)
        if part is None:
            known = (each.key for each in form.kept_sections())
            raise PortalError(say_none_such("section", known), field="key")
        section = postmortem.sections.get(key=key)
        if section.version != expected_version:
            raise Conflict("Somebody else wrote here meanwhile.", current=section)
        words = tidy(text, part.shape)
        if words != section.text:
            _write(section, words, by=by, now=now)
            change = {"section": key, "version": section.version}
            _record("edit", postmortem, incident, by=by, now=now, after=change)
    return section


def redraft(postmortem_pk: int, *, by: User, now: datetime) -> int:
    """Draft those sections again that nobody has edited; returns how many changed."""
    with transaction.atomic():
        postmortem, incident = _hold(postmortem_pk)
        _check_open(postmortem)
        texts = draft_kept(format_of(postmortem), read_facts(incident))
        changed = 0
        for section in postmortem.sections.filter(version=0):
            if section.text != texts[section.key]:
                section.text = texts[section.key]
                section.save(update_fields=["text"])
                changed += 1
        _record("redraft", postmortem, incident, by=by, now=now)
    return changed


def move_postmortem(
    postmortem_pk: int, state: str, *, by: User, now: datetime, message: str = ""
) -> Postmortem:
    """Ask for review, send back, review or close.

    Raises Refused with what is allowed, or with what is missing.
    """
    with transaction.atomic():
        postmortem, incident = _hold(postmortem_pk)
        refusal = refuse_postmortem_move(_ground(postmortem, by), state)
        if refusal:
            raise Refused(refusal, code="postmortem_state")
        change = {"from": postmortem.state, "to": state}
        postmortem.state = state
        is_read = state in READ
        if state == State.REVIEWED:
            postmortem.reviewed_at, postmortem.reviewed_by = now, by
        elif not is_read:
            postmortem.reviewed_at = postmortem.reviewed_by = None
        if state == State.IN_REVIEW and postmortem.owner is None:
            postmortem.owner = by
        postmortem.next_reminder_at = find_next_reminder(postmortem, now)
        postmortem.save()
        if is_read:
            notifications.cancel(
                f"postmortem:{postmortem.pk}", reason="It is reviewed.", now=now
            )
        words = f"The postmortem is {postmortem.get_state_display().lower()}."
        append_entry(
            incident,
            "postmortem",
            by=by,
            now=now,
            text=" ".join(filter(None, (words, message.strip()))),
        )
        _record("move", postmortem, incident, by=by, now=now, after=change)
        _tell_of_move(postmortem, message, by=by, now=now)
    return postmortem


def set_owner(
    postmortem_pk: int, owner: User | None, *, by: User, now: datetime
) -> Postmortem:
    """Give the postmortem to somebody of the team, or to nobody."""
    with transaction.atomic():
        postmortem, incident = _hold(postmortem_pk)
        _check_open(postmortem)
        _check_member(incident, owner)
        postmortem.owner = owner
        postmortem.save(update_fields=["owner"])
        after = {"owner": owner.display_name if owner else ""}
        _record("owner", postmortem, incident, by=by, now=now, after=after)
    return postmortem


def ask_reviewer(postmortem_pk: int, user: User, *, by: User, now: datetime) -> None:
    """Ask somebody of the team, but not its owner, to review; they are told once."""
    with transaction.atomic():
        postmortem, incident = _hold(postmortem_pk)
        _check_open(postmortem)
        _check_member(incident, user)
        if postmortem.owner_id == user.pk:
            raise PortalError("Its owner cannot review it.", field="user")
        _, is_new = postmortem.reviewers.get_or_create(
            user=user, defaults={"asked_at": now}
        )
        if not is_new:
            return
        _tell(
            postmortem,
            user,
            "review",
            f"Review the postmortem of {incident.ref}",
            f"{by.display_name} asks you to review it: {incident.title}.",
            now=now,
        )
        after = {"reviewer": user.display_name}
        _record("ask", postmortem, incident, by=by, now=now, after=after)


def waive_postmortem(
    incident_pk: int, reason: str, *, by: User, now: datetime
) -> Postmortem:
    """Say why the incident needs no postmortem. Raises PortalError without a reason."""
    if not reason.strip():
        raise PortalError("Say why it needs none.", field="reason")
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        found = Postmortem.objects.filter(incident=incident).first()
        postmortem = found or draft_postmortem(incident, owner=None, now=now)
        _check_open(postmortem)
        postmortem.waived_at, postmortem.waived_by = now, by
        postmortem.waiver_reason = reason.strip()[:500]
        postmortem.next_reminder_at = None
        postmortem.save()
        append_entry(
            incident,
            "postmortem",
            by=by,
            now=now,
            text=f"No postmortem is needed: {postmortem.waiver_reason}",
        )
        _record("waive", postmortem, incident, by=by, now=now)
    return postmortem


def _hold(postmortem_pk: int) -> tuple[Postmortem, Incident]:
    incident_pk = Postmortem.objects.values_list("incident", flat=True)
    incident = hold_incident(incident_pk.get(pk=postmortem_pk))
    postmortem = Postmortem.objects.select_related("owner").get(pk=postmortem_pk)
    postmortem.incident = incident
    return postmortem, incident


def _ground(postmortem: Postmortem, by: User) -> Ground:
    loose = postmortem.incident.actions.filter(state__in=OPEN)
    return Ground(
        state=postmortem.state,
        is_by_owner=postmortem.owner_id == by.pk,
        unfilled=find_unfilled(format_of(postmortem), texts_of(postmortem)),
        loose=[
            item.title
            for item in loose.order_by("pk")
            if item.owner_id is None or item.due_on is None
        ],
    )


def _write(section: PostmortemSection, text: str, *, by: User, now: datetime) -> None:
    PostmortemRevision.objects.create(
        section=section,
        version=section.version,
        text=section.text,
        written_at=section.edited_at or section.postmortem.created_at,
        written_by=section.edited_by,
    )
    section.text = text
    section.version += 1
    section.edited_at, section.edited_by = now, by
    section.save()


def _check_open(postmortem: Postmortem) -> None:
    if postmortem.state in READ:
        raise Refused("It is reviewed; send it back to review to change it.")


def _check_member(incident: Incident, user: User | None) -> None:
    if user is None or user.is_superuser:
        return
    if not Membership.objects.filter(team=incident.team_id, user=user).exists():
        raise PortalError(f"{user} is not in the team.", field="user")


def _tell_of_move(
    postmortem: Postmortem, message: str, *, by: User, now: datetime
) -> None:
    """Tell the owner of a review or of what has to be better."""
    owner = postmortem.owner
    if owner is None or owner == by:
        return
    state = postmortem.get_state_display().lower()
    _tell(
        postmortem,
        owner,
        f"{postmortem.state}:{now:%Y%m%d%H%M%S}",
        f"The postmortem of {postmortem.incident.ref} is {state}",
        message.strip() or f"{by.display_name} moved it on.",
        now=now,
    )


def _tell(
    postmortem: Postmortem,
    person: User,
    key: str,
    subject: str,
    text: str,
    *,
    now: datetime,
) -> None:
    notifications.enqueue(
        team_id=postmortem.incident.team_id,
        topic=f"postmortem-news:{postmortem.pk}",
        dedupe_key=f"postmortem:{postmortem.pk}:{person.pk}:{key}",
        recipient=person,
        subject=subject,
        text=text,
        url=url_of(postmortem),
        now=now,
    )


def _record(what: str, postmortem: Postmortem, incident: Incident, **more: Any) -> None:
    record_change(f"postmortem.{what}", postmortem, team_id=incident.team_id, **more)
