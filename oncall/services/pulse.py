"""Telling pages that something of a team changed."""

from django.db.models import F

from oncall.models import Team


def touch_team(team_id: int) -> None:
    """Move the team's version: cached fragments and ETags of it are past.

    Call it inside the transaction of the change, so that nobody caches the old
    rows under the new version.
    """
    Team.objects.filter(pk=team_id).update(version=F("version") + 1)
