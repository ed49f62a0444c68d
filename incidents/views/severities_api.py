"""The API of the words that services have for severity."""

from datetime import timedelta
from typing import Annotated, Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from incidents.models import SeverityLevel
from incidents.queries import severity_choices
from incidents.queries.severities import get_word
from incidents.services import severities
from incidents.services.severities import WordForm, revision_of
from oncall.access import authorize
from oncall.api.common import service_named, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.problems import Overtaken

router = Router(tags=["alerts and incidents"])
Minutes = Annotated[int, Field(ge=1, le=527_040)]
_MINUTE = timedelta(minutes=1)
_ACTION = "service.edit"


class WordIn(Schema):
    """A word for severity; ``level`` is 1 (critical) to 5 on the common scale.

    Without ``response_minutes`` no time is named; it is left out where
    ``is_next_business_day``. Of the words that page, the mildest is that of a failing
    check without a ladder.
    """

    label: str = Field(max_length=32)
    level: int = Field(ge=1, le=5)
    response_minutes: Minutes | None = None
    is_next_business_day: bool = False
    update_every_minutes: Minutes | None = None
    description: str = Field("", max_length=2_000)
    pages: bool = False
    postmortem_required: bool = False

    def read(self) -> WordForm:
        """Return what the service takes."""
        return WordForm(
            label=self.label,
            level=self.level,
            response=_length(self.response_minutes),
            is_next_business_day=self.is_next_business_day,
            update_every=_length(self.update_every_minutes),
            description=self.description,
            pages=self.pages,
            postmortem_required=self.postmortem_required,
        )


class WordChangeIn(WordIn):
    """A word as it is to be.

    With ``revision`` the answer is 409 when the word is not as it was read, with the
    word as it is. Leave it out not to care.
    """

    revision: str | None = Field(None, max_length=64)


class WordOut(Schema):
    """A word for severity, and the word of its level on the common scale.

    ``id`` is null for the common words of a service that has none of its own.
    """

    id: int | None
    label: str
    level: int
    level_name: str
    response_minutes: float | None
    is_next_business_day: bool
    update_every_minutes: float | None
    description: str
    pages: bool
    postmortem_required: bool
    revision: str


@router.get("/services/{slug}/severities", response=list[WordOut])
def list_words(request: ApiRequest, slug: str) -> Any:
    """List what a service calls its severities, the worst first."""
    service = service_named(readable_teams(request), slug)
    return [_word_out(word) for word in severity_choices(service.pk)]


@router.post("/services/{slug}/severities", response={201: WordOut})
def add_word(request: ApiRequest, slug: str, body: WordIn) -> Any:
    """Give a service one more word; its first takes the place of the common ones."""
    service = service_named(own_teams(request), slug)
    authorize(request.auth, _ACTION, service.team_id)
    by, now = request.auth.user, timezone.now()
    word = severities.save_word(service, body.read(), by=by, now=now)
    return Status(201, _word_out(word))


@router.get("/severities/{pk}", response=WordOut)
def show_word(request: ApiRequest, pk: int) -> Any:
    """Show one word."""
    return _word_out(_find(readable_teams(request), pk))


@router.put("/severities/{pk}", response={200: WordOut, 409: Overtaken[WordOut]})
def change_word(request: ApiRequest, pk: int, body: WordChangeIn) -> Any:
    """Change a word; what is asked for by checks or senders keeps its name (409)."""
    word = _find_own(request, pk)
    with telling(_word_out):
        word = severities.save_word(
            word.service,
            body.read(),
            word=word,
            seen=body.revision,
            by=request.auth.user,
            now=timezone.now(),
        )
    return _word_out(word)


@router.delete("/severities/{pk}", response={204: None})
def remove_word(request: ApiRequest, pk: int) -> Any:
    """Take a word away; 409 while an incident, a check or a sender uses it."""
    word = _find_own(request, pk)
    severities.remove_word(word, by=request.auth.user, now=timezone.now())
    return Status(204, None)


def _find(team_ids: list[int], pk: int) -> SeverityLevel:
    # No row has a number that the database cannot hold.
    word = get_word(team_ids, pk) if abs(pk) < 2**63 else None
    if word is None:
        raise Http404
    return word


def _find_own(request: ApiRequest, pk: int) -> SeverityLevel:
    word = _find(own_teams(request), pk)
    authorize(request.auth, _ACTION, word.service.team_id)
    return word


def _length(minutes: int | None) -> timedelta | None:
    return None if minutes is None else minutes * _MINUTE


def _minutes(length: timedelta | None) -> float | None:
    return None if length is None else length / _MINUTE


def _word_out(word: SeverityLevel) -> WordOut:
    return WordOut(
        id=word.pk,
        label=word.label,
        level=word.level,
        level_name=word.level_name,
        response_minutes=_minutes(word.response),
        is_next_business_day=word.is_next_business_day,
        update_every_minutes=_minutes(word.update_every),
        description=word.description,
        pages=word.pages,
        postmortem_required=word.postmortem_required,
        revision=revision_of(word),
    )
