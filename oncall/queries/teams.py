"""The versions of teams in SQL: asked by every page that looks whether it stands."""

from collections.abc import Collection

from django.db import connection

_VERSIONS = "SELECT id, version FROM oncall_team WHERE id IN ({teams})"


def versions_of(team_ids: Collection[int]) -> dict[int, int]:
    """Return the version of each of the teams that are still there."""
    if not team_ids:
        return {}
    marks = ", ".join(["%s"] * len(team_ids))
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS.format(teams=marks), list(team_ids))
        return dict(cursor.fetchall())
