"""Telling pages that something of a team changed."""

from django.db.models import F

from oncall.models import Team


def touch_team(team_id: int) -> None:
    """Move the team's version: cached fragments and ETags of it are past.

    Call it inside the transaction of the change, so that nobody caches the old
    rows under the new version.
    """
    Team.objects.filter(pk=team_id).update(
        version=F("version") + 1, calm_version=F("calm_version") + 1
    )


def touch_runs(team_id: int) -> None:
    """Move the team's version for what shows only in its runs.

    That is items and readings of checks; alerts, incidents, rotations, statuses
    and what people configure are for touch_team.
    """
    Team.objects.filter(pk=team_id).update(version=F("version") + 1)
