"""Names of the people in schedules, with one query for many."""

from collections.abc import Iterable

from oncall.domain.schedule import PersonId
from oncall.domain.schedule import Schedule as Plan
from oncall.models import User


def name_people(ids: Iterable[PersonId]) -> dict[PersonId, str]:
    """Return display names by user id."""
    wanted = [each for each in set(ids) if isinstance(each, int)]
    return {user.pk: user.display_name for user in User.objects.filter(pk__in=wanted)}


def people_in(plan: Plan) -> set[int]:
    """Return everybody whom a schedule names, in any version or override."""
    ids: set[PersonId] = set()
    for each in plan.overrides:
        ids |= {each.add_user, each.remove_user}
    for rotation in plan.rotations:
        for version in rotation.versions:
            for member in version.members:
                ids |= set(member) if isinstance(member, tuple) else {member}
    return {each for each in ids if isinstance(each, int)}


def names_in(plans: Iterable[Plan]) -> dict[PersonId, str]:
    """Return display names of everybody whom the schedules name."""
    return name_people({each for plan in plans for each in people_in(plan)})


def initials_of(name: str) -> str:
    """Return two letters for a small place."""
    return "".join(word[0] for word in name.split()[:2]).upper()
