"""When rotations hand over, for checklists that are due then."""

from collections.abc import Iterable
from datetime import datetime

from checklists.domain.cadence import Handoffs, no_handoffs
from oncall.domain.handoff import find_handoffs
from oncall.models import Rotation
from oncall.queries.loading import load_schedule


def handoffs_of(rotation: Rotation | None) -> Handoffs:
    """Return the function that knows the rotation's handoffs, as it is now.

    A turn at which the same people go on hands over to nobody and is left out.
    """
    if rotation is None or not rotation.versions.exists():
        return no_handoffs
    plan, key = load_schedule(rotation.schedule_id), rotation.pk

    def find(start: datetime, end: datetime) -> Iterable[datetime]:
        found = find_handoffs(plan, start, end, rotation=key)
        return [each.at for each in found if each.outgoing != each.incoming]

    return find
