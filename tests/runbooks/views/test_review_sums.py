"""What applying makes and what is only kept, in the first words of the review."""

import pytest

from tests.factories.oncall import EscalationPolicyFactory
from tests.runbooks.views.test_reviewing import paste

pytestmark = [pytest.mark.django_db, pytest.mark.database]

KEPT = """
Logs are kept for 30 days, dumps for 12 weeks. Slow answers: see below.

## Metrics

- Lag: warning at 5 s, critical at 9 s
"""


def test_the_review_begins_with_what_applying_makes(sign_in, service):
    page = paste(sign_in("manager"))
    assert [(each.text, each.makes) for each in page.context["sums"]] == [
        ("2 checklists", "with 7 items; checks could look at 6"),
        ("2 severities", "as the service's words for how bad something is"),
        ("1 escalation policy", "of 2 steps; who is told is chosen on it"),
        ("2 contacts", "as lines of the contact table"),
        ("1 procedure", "to which alerts, incidents and failing items lead"),
    ]
    html = page.content.decode()
    for each in page.context["sums"]:
        assert f'href="#{each.anchor}"' in html
        assert f'id="{each.anchor}"' in html


def test_lines_lead_to_what_is_only_kept_of_them(sign_in, service):
    page = paste(sign_in("manager"), text=f"# R\n{KEPT}")
    assert page.context["sums"] == []
    kept = {
        title: [(row.what, row.says, row.anchor) for row in rows]
        for title, _, rows in page.context["kept"]
    }
    assert kept == {
        "Thresholds": [("Lag", "> 5 s", "kept-7"), ("Lag", "> 9 s", "")],
        "Retention": [("Logs", "30 days", "kept-3"), ("dumps", "84 days", "")],
    }
    html = page.content.decode()
    assert '<li id="line-3" class="kept"><a class="num" href="#kept-3">' in html
    assert 'id="kept-3"' in html
    assert "Nothing new is to be made live." in html


def test_a_ladder_that_makes_nothing_says_so(sign_in, service):
    service.policy = EscalationPolicyFactory(team=service.team)
    service.save(update_fields=["policy"])
    last = paste(sign_in("manager")).context["sums"][-1]
    assert last.text == "The ladder"
    assert "stays as it is" in last.makes
