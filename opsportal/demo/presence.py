"""What a database holds: nothing yet, the demo, or real data.

Every start asks; the demo itself is slow to import.
"""

from oncall.models import Team, User
from opsportal.demo.people import PEOPLE


def is_empty() -> bool:
    """Say whether nobody has begun to use this database."""
    return not Team.objects.exists() and not User.objects.exists()


def is_demo() -> bool:
    """Say whether there is a demo and nothing else."""
    people = {plan.username for plan in PEOPLE}
    return (
        Team.objects.filter(is_demo=True).exists()
        and not Team.objects.filter(is_demo=False).exists()
        and not User.objects.exclude(username__in=people).exists()
    )
