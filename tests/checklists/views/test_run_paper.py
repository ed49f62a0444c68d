"""A run on paper."""

import pytest

from checklists.models import RunEvent
from checklists.services import items, signing
from checklists.services.events import check_seal
from checklists.services.items import Edit
from checklists.views.run_paper import write_paper
from opsportal.kit import append_only
from tests.factories.oncall import UserFactory
from tests.factories.runs import MINUTE, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_it_says_what_was_found_by_whom_and_its_seal(run, item_of):
    ann = UserFactory(name="Engineer A")
    edit = Edit(by=ann, now=NOW + MINUTE, note="two rows | three\nlines")
    items.tick_item(item_of("Slow queries").pk, edit)
    signing.skip_run(run.pk, by=ann, reason="public holiday", now=NOW + MINUTE)
    run.refresh_from_db()
    paper = write_paper(run, NOW + MINUTE)
    seal = check_seal(run.pk)
    assert seal.head == run.events.get(number=seal.count).hash
    for line in (
        f"# {run.checklist.name} (2026-01-14)",
        "Reason: public holiday",
        "- Due: 14 Jan 2026 10:00",
        "### Data",
        "| Slow queries | done | note: two rows / three lines | Engineer A, "
        "14 Jan 2026 06:01 |",
        f"{seal.count} events. Each event seals the one before it; the chain is whole.",
        f"Head: {seal.head}",
    ):
        assert line in paper, paper


def test_it_says_that_the_story_was_changed_later(run):
    with append_only.lifted():
        RunEvent.objects.filter(run=run, number=1).update(reason="nothing happened")
    assert "THE CHAIN IS BROKEN at event 1" in write_paper(run, NOW)
    assert check_seal(0).count == 0


def test_it_is_a_pdf_for_whoever_sees_the_run(run, sign_in):
    url = f"/runs/{run.pk}/run.pdf"
    answer = sign_in("viewer").get(url)
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].endswith('-2026-01-14.pdf"')
    assert sign_in().get(url).status_code == 404
