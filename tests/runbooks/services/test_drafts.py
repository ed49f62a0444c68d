"""Texts under review."""

from datetime import timedelta

import pytest

from checklists.models import Checklist
from incidents.models import SeverityLevel
from oncall.models import EscalationContact, EscalationPolicy
from opsportal.kit.errors import PortalError
from runbooks.models import AppliedKey, Draft
from runbooks.services import drafts
from runbooks.services.drafts import discard_draft, start_review
from tests.conftest import NOW
from tests.factories.oncall import UserFactory
from tests.runbooks.conftest import KESTREL

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_person_reviews_one_text_at_a_time_and_nothing_is_live(service, manager):
    other = UserFactory()
    start_review(service, b"# Old", by=other, now=NOW - timedelta(days=2))
    start_review(service, b"# First", by=manager, now=NOW)
    draft = start_review(service, KESTREL.encode(), by=manager, now=NOW)
    assert list(Draft.objects.all()) == [draft]
    assert draft.runbook is None
    live = (Checklist, SeverityLevel, EscalationPolicy, EscalationContact, AppliedKey)
    assert not any(model.objects.exists() for model in live)
    discard_draft(draft)
    assert not Draft.objects.exists()


def test_a_text_with_a_known_title_is_a_newer_version(apply, service, manager):
    runbook = apply().runbook
    found = start_review(service, KESTREL.encode(), by=manager, now=NOW)
    assert found.runbook == runbook
    named = start_review(service, b"# B", runbook=runbook, by=manager, now=NOW)
    assert named.runbook == runbook


def test_nothing_and_too_much_are_refused(service, manager, monkeypatch):
    with pytest.raises(PortalError, match="Paste"):
        start_review(service, b" \n", by=manager, now=NOW)
    monkeypatch.setattr(drafts, "MOST_BYTES", 5)
    with pytest.raises(PortalError, match="2 MB"):
        start_review(service, b"# Long", by=manager, now=NOW)
