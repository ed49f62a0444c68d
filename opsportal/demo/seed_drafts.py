"""A checklist that a manager is writing and has not published yet."""

import uuid
from datetime import datetime, timedelta

from checklists.domain.checklist_draft import Draft, DraftItem, add_item
from checklists.domain.checklist_text import TextItem
from checklists.models import Cadence
from checklists.services.drafts import change_draft, read_draft
from oncall.models import Membership, Role

_NEW = TextItem(
    text="Read the news of the upstream projects",
    instructions="Security notes first; anything urgent becomes an action item.",
    kind="choice",
    options=("nothing", "something to plan", "urgent"),
    is_required=False,
)


def seed_drafts(cadences: list[Cadence], now: datetime) -> None:
    """Let the checklist of the first cadence have a draft with one item more."""
    checklist = cadences[0].checklist
    members = Membership.objects.filter(team=checklist.team_id, role=Role.MANAGER)
    manager = members.select_related("user").order_by("pk").first()
    if manager is None:
        return

    def add(draft: Draft) -> Draft:
        return add_item(draft, DraftItem(str(uuid.uuid4()), _NEW))

    change_draft(
        checklist,
        add,
        version=read_draft(checklist).version,
        by=manager.user,
        now=now - timedelta(hours=2),
    )
