"""Two questions about teams in SQL: every page begins with one of them."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

_VERSIONS = "SELECT id, version FROM oncall_team WHERE id IN ({teams})"
_COLUMNS = """
SELECT t.id, t.slug, t.name, t.time_zone, t.version, t.calm_version, t.is_demo"""
_OF_MEMBER = f"""{_COLUMNS}, m.role
  FROM oncall_team t JOIN oncall_membership m ON m.team_id = t.id
 WHERE m.user_id = %s ORDER BY t.name, t.id"""
_OF_ADMIN = f"{_COLUMNS}, 'admin' FROM oncall_team t ORDER BY t.name, t.id"


class TeamRow(NamedTuple):
    """A team as frames show it, with the viewer's role.

    ``version`` moves with every change in it, ``calm_version`` with all but the
    progress of runs.
    """

    pk: int
    slug: str
    name: str
    time_zone: str
    version: int
    calm_version: int
    is_demo: bool
    role: str


def teams_by_name(user_pk: int, *, is_admin: bool) -> tuple[TeamRow, ...]:
    """Return the teams that ``access.teams_of`` lets a signed-in person see."""
    with connection.cursor() as cursor:
        if is_admin:
            cursor.execute(_OF_ADMIN)
        else:
            cursor.execute(_OF_MEMBER, [user_pk])
        rows = cursor.fetchall()
    # SQLite keeps truth as a number.
    return tuple(TeamRow(*row)._replace(is_demo=bool(row[6])) for row in rows)


def versions_of(team_ids: Collection[int]) -> dict[int, int]:
    """Return the version of each of the teams that are still there."""
    if not team_ids:
        return {}
    marks = ", ".join(["%s"] * len(team_ids))
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS.format(teams=marks), list(team_ids))
        return dict(cursor.fetchall())
