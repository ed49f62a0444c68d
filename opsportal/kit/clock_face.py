"""Moments as `<time>`: on the clock of who reads, titled with that of the team."""

from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Protocol

from django.utils.html import format_html
from django.utils.safestring import SafeString

from opsportal.kit.moments import say_distance, say_moment


class SayTime(Protocol):
    """What writes a moment; `is_far` as a distance that app.js keeps fresh."""

    def __call__(self, moment: datetime, *, is_far: bool = False) -> SafeString:
        """Return the `<time>`."""


def show_time(
    moment: datetime, words: str, title_zone: tzinfo, *, is_far: bool = False
) -> SafeString:
    """`words` as the time that they say."""
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        moment.astimezone(UTC).isoformat(timespec="seconds"),
        say_moment(moment, title_zone, now=None, form="full"),
        SafeString(" data-relative" if is_far else ""),
        words,
    )


def make_clock(viewer: tzinfo, team: tzinfo | None, now: datetime) -> SayTime:
    """Return what writes moments of one page as `when` and `relative`, each once."""

    @cache
    def say_time(moment: datetime, *, is_far: bool = False) -> SafeString:
        words = (
            say_distance(moment, now) if is_far else say_moment(moment, viewer, now=now)
        )
        return show_time(moment, words, team or viewer, is_far=is_far)

    return say_time
