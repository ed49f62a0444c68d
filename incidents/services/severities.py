"""The words that a service has for severity."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from incidents.domain import severity
from incidents.models import Integration, SeverityLevel
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError, Refused

# Gives the names of what asks for a word of a service, such as "the check Lag".
Uses = Callable[[Service, str], Iterable[str]]
_uses: dict[str, Uses] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordForm:
    """What a word says; lengths are None where the runbook names none.

    ``level`` is 1 to 5 on the common scale. Of the words that page, the mildest is
    that of a failing check without a ladder.
    """

    label: str
    level: int
    response: timedelta | None = None
    is_next_business_day: bool = False
    update_every: timedelta | None = None
    description: str = ""
    pages: bool = False
    postmortem_required: bool = False


def revision_of(word: SeverityLevel) -> str:
    """Return a mark of what a word says, to tell whether somebody changed it."""
    said = [str(getattr(word, each.name)) for each in fields(WordForm)]
    return sha256(json.dumps(said).encode()).hexdigest()[:16]


def register(key: str, uses: Uses) -> None:
    """Let a word that is used there stay as it is called; one a key."""
    _uses[key] = uses


def find_severity(service: Service, label: str) -> SeverityLevel:
    """Return the level that ``label`` means in this service.

    A service without words of its own gets the common ones, with no response
    times. Raises PortalError for a word that the service does not have.
    """
    words = {word.label: word for word in SeverityLevel.objects.filter(service=service)}
    if not words and label in severity.LEVELS.values():
        words = _give_common_words(service)
    if label not in words:
        known = ", ".join(words or severity.LEVELS.values())
        raise PortalError(
            f"{service} has no severity “{label}”. It has: {known}.", field="severity"
        )
    return words[label]


def save_word(
    service: Service,
    form: WordForm,
    *,
    word: SeverityLevel | None = None,
    seen: str | None = None,
    by: User,
    now: datetime,
) -> SeverityLevel:
    """Give a service one more word, or change ``word``.

    ``seen`` is the revision that the form was made from, None not to care. Raises
    Conflict with the word as it is when somebody changed it since, PortalError, field
    named, for one that the service has already, and Refused for another name of one
    that checks or senders ask for.
    """
    label = form.label.strip()
    _check_form(form)
    with transaction.atomic():
        touch_team(service.team_id)
        row = _read_again(word, seen) if word else SeverityLevel(service=service)
        if word is not None and row.label != label:
            _refuse_in_use(row, "keeps its name")
        for name, value in (asdict(form) | {"label": label}).items():
            setattr(row, name, value)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise PortalError(
                f"The service has a severity “{label}” already.", field="label"
            ) from None
        record_change(
            "severity.put",
            row,
            by=by,
            now=now,
            team_id=service.team_id,
            after={name: str(value) for name, value in asdict(form).items()},
        )
    return row


def remove_word(word: SeverityLevel, *, by: User, now: datetime) -> None:
    """Take a word away. Raises Refused while anything asks for it."""
    service = word.service
    with transaction.atomic():
        touch_team(service.team_id)
        _refuse_in_use(word, "stays")
        record_change(
            "severity.remove",
            word,
            by=by,
            now=now,
            team_id=service.team_id,
            before={"label": word.label},
        )
        try:
            word.delete()
        except ProtectedError as error:
            raise Refused(
                f"Incidents use the severity “{word.label}”, so it stays.",
                code="in_use",
            ) from error


def _read_again(word: SeverityLevel, seen: str | None) -> SeverityLevel:
    rows = SeverityLevel.objects.select_related("service")
    row = rows.filter(pk=word.pk).first()
    if row is None:
        raise Refused("Somebody removed this severity meanwhile.", code="gone")
    if seen is not None and seen != revision_of(row):
        raise Conflict("Somebody changed this severity meanwhile.", current=row)
    return row


def _check_form(form: WordForm) -> None:
    if not form.label.strip():
        raise PortalError("Give the severity a word.", field="label")
    if form.level not in severity.LEVELS:
        raise PortalError("Use a level from 1 to 5.", field="level")
    if form.response and form.is_next_business_day:
        raise PortalError(
            "Give minutes, or let it be the next business day.", field="response"
        )


def _refuse_in_use(word: SeverityLevel, what: str) -> None:
    users = [*_senders_of(word)]
    for uses in _uses.values():
        users += uses(word.service, word.label)
    if users:
        named = ", ".join(users[:3]) + (" and others" if len(users) > 3 else "")
        raise Refused(
            f"“{word.label}” {what}: it is asked for by {named}. Change that first.",
            code="in_use",
        )


def _senders_of(word: SeverityLevel) -> Iterable[str]:
    senders = Integration.objects.filter(service=word.service).order_by("name")
    return [
        f"the integration {each.name}"
        for each in senders
        if word.label in each.severity_mapping.values()
    ]


def _give_common_words(service: Service) -> dict[str, SeverityLevel]:
    made = SeverityLevel.objects.bulk_create(
        SeverityLevel(service=service, label=label, level=level)
        for level, label in severity.LEVELS.items()
    )
    return {word.label: word for word in made}
