"""Checks as settings that are kept elsewhere: written by name, never over an edit."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from checklists.models import Check
from checklists.queries.check_settings import find_named
from checklists.services.check_rules import CheckPlan, columns_of, revision_of
from checklists.services.checks import create_check, edit_check
from oncall.models import Service, User
from opsportal.kit.errors import Conflict, PortalError

LONGEST_SLUG = 72


def write_check(
    plan: CheckPlan, *, seen: str | None, by: User | None, now: datetime
) -> tuple[Check, bool]:
    """Make the check ``plan.slug`` of its service, or make it say what the plan says.

    ``seen`` is the revision that the plan was made from: "" for none yet, None not to
    care. Returns the check and whether it is new; one that says it already stays as it
    is. Raises Conflict when it is not as it was seen, PortalError, field named.
    """
    if slugify(plan.slug) != plan.slug or not 0 < len(plan.slug) <= LONGEST_SLUG:
        raise PortalError(
            "Use up to 72 small letters, digits, hyphens and underscores.",
            field="slug",
        )
    with transaction.atomic():
        # Two who make the same check at once: the second finds that of the first.
        Service.objects.select_for_update(of=("self",)).get(pk=plan.service.pk)
        found = find_named(plan.service.pk, plan.slug)
        standing = "" if found is None else revision_of(found, found.depends_on.all())
        if seen is not None and seen != standing:
            raise Conflict("It is not as it was read.", current=standing)
        if found is None:
            return create_check(plan, by=by, now=now), True
        if plan.kind != found.kind:
            raise PortalError("A check keeps its kind: make another.", field="kind")
        wanted = Check(**columns_of(plan))
        if revision_of(wanted, plan.depends_on) != standing:
            edit_check(found, plan, by=by, now=now)
        return found, False
