"""From a pasted text to what is live, as people do it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict

from checklists.models import Checklist, ChecklistItem
from incidents.models import SeverityLevel
from oncall.models import EscalationContact
from runbooks.forms import MOST_BYTES, read_choices
from runbooks.models import Draft, Runbook
from tests.conftest import NOW
from tests.runbooks.conftest import KESTREL
from tests.runbooks.services.test_applying import key_of
from tests.runbooks.services.test_second_import import NEWER

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _at_a_fixed_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def paste(client, text=KESTREL, **more):
    data = {"service": "kestrel", "text": text, **more}
    return client.post("/runbooks/new/", data, follow=True)


def ticked(page):
    """Return what the review page sends when nobody touches it."""
    groups = [line for group in page.context["groups"] for line in group.everything]
    return {
        "accept": [line.key for line in groups if line.is_ticked],
        "based_on": page.context["based_on"],
    }


def test_a_runbook_is_pasted_reviewed_and_applied(sign_in, service):
    client = sign_in("manager")
    assert b"Runbook in Markdown" in client.get("/runbooks/new/").content
    page = paste(client)
    html = page.content.decode()
    assert "Kestrel Operations Runbook" in html
    assert '<li id="line-4" class="found"><a class="num" href="#finding-' in html
    assert 'data-first="4"' in html
    assert "Apply 17 of 17" in html
    assert "no threshold: choose" in html
    assert "&lt;script&gt;alert(1)" in html
    assert not Runbook.objects.exists()

    address = page.redirect_chain[-1][0]
    lag = f"fix:{key_of('Stable disk usage')}:text"
    data = ticked(page) | {lag: "Disk below 80%"}
    data["accept"].remove(key_of("P2"))
    done = client.post(address, data, follow=True)
    assert done.redirect_chain[-1][0] == "/runbooks/kestrel-operations-runbook/"
    assert "The runbook is applied." in done.content.decode()
    assert ChecklistItem.objects.filter(text="Disk below 80%").exists()
    assert not SeverityLevel.objects.filter(label="P2").exists()
    assert not Draft.objects.exists()


def test_a_file_is_read_as_its_bytes_are(sign_in, service):
    client = sign_in("responder")
    upload = SimpleUploadedFile("a.md", "# Été\n".encode("cp1252"))
    page = paste(client, "", file=upload)
    assert "Import runbook: Été" in page.content.decode()
    big = SimpleUploadedFile("a.md", b"a" * (MOST_BYTES + 1))
    assert paste(client, "", file=big).status_code == 422
    assert paste(client, "").status_code == 422


def test_a_newer_text_shows_what_changed_and_what_people_edited(
    sign_in, apply, service
):
    runbook = apply().runbook
    SeverityLevel.objects.filter(label="P1").update(level=2)
    client = sign_in("manager")
    assert "A newer text of" in (
        client.get(f"/runbooks/new/?runbook={runbook.slug}").content.decode()
    )
    page = paste(client, NEWER)
    html = page.content.decode()
    assert "changed in both" in html
    assert "The portal has: P1, level 2, answer in 15 min" in html
    assert "The runbook said: Verify replication lag &lt; 100ms" in html
    assert "No longer in the runbook · 1" in html
    client.post(page.redirect_chain[-1][0], ticked(page))
    assert SeverityLevel.objects.get(label="P1").level == 2
    assert runbook.versions.count() == 2


def test_cadences_thresholds_times_and_contacts_are_corrected_in_the_review(
    sign_in, service
):
    client = sign_in("manager")
    page = paste(client)
    weekly, disk = key_of("Weekly Tasks"), key_of("Stable disk usage")
    assert f'name="cadence:{weekly}-kind"' in page.content.decode()
    cadence = {"kind": "monthly", "on": "weekday", "nth": "1", "weekday": "mon"}
    wrong = cadence | {"nth": "many"}
    data = ticked(page) | {
        f"fix:{disk}:condition": "value < 80",
        f"fix:{key_of('P1')}:response_minutes": "5",
        f"fix:{key_of('+1-XXX-XXX-XXXX')}:value": "+1 555 010 0100",
        f"fix:{key_of('+1-XXX-XXX-XXXX')}:kind": "phone",
        **{f"cadence:{weekly}-{name}": value for name, value in wrong.items()},
    }
    address = page.redirect_chain[-1][0]
    again = client.post(address, data)
    assert again.status_code == 422
    assert "The cadence, nth: use a whole number." in again.content.decode()
    assert 'value="monthly" selected' in again.content.decode()
    data[f"cadence:{weekly}-nth"] = cadence["nth"]
    client.post(address, data)
    row = Checklist.objects.get(name="Weekly Tasks").cadences.get()
    assert row.rule == cadence | {"nth": 1}
    item = ChecklistItem.objects.get(text="Stable disk usage")
    assert "could tick it: `value < 80`" in item.instructions
    assert SeverityLevel.objects.get(label="P1").response == timedelta(minutes=5)
    phone = EscalationContact.objects.get(kind="phone")
    assert (phone.value, phone.is_placeholder) == ("+15550100100", False)


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        ({"kind": "now"}, {"kind": "now"}),
        ({"kind": "monthly", "on": ""}, {"kind": "monthly"}),
        (
            {
                "kind": "weekly",
                "days": ["mon"],
                "every": "1",
                "starts_on": "2026-01-01",
            },
            {"kind": "weekly", "days": ["mon"], "every": 1},
        ),
    ],
)
def test_a_cadence_is_sent_as_the_fields_of_its_kind(sent, rule):
    data = QueryDict(mutable=True)
    for name, value in sent.items():
        data.setlist(f"cadence:k-{name}", value if name == "days" else [value])
    assert read_choices(data).fixes == {"k": {"rule": rule}}


def test_a_refusal_shows_the_review_again_as_it_was_filled_in(sign_in, apply, service):
    client = sign_in("manager")
    page = paste(client)
    address, key = page.redirect_chain[-1][0], key_of("Daily Checklist")
    data = ticked(page) | {f"fix:{key}:due_time": "x", f"fix:{key}:title": "Mornings"}
    again = client.post(address, data)
    assert again.status_code == 422
    assert "Mornings" in again.content.decode()
    assert not Checklist.objects.exists()
    runbook = apply().runbook
    Draft.objects.update(runbook=runbook)
    assert client.post(address, ticked(page)).status_code == 409


def test_a_responder_reads_a_manager_applies_a_stranger_sees_nothing(sign_in, service):
    responder = sign_in("responder")
    page = paste(responder)
    address = page.redirect_chain[-1][0]
    assert "A manager of the team applies it" in page.content.decode()
    assert responder.post(address, ticked(page)).status_code == 403
    assert sign_in("manager").get(address).status_code == 404
    assert sign_in("viewer").get("/runbooks/new/").status_code == 403
    assert sign_in().get("/runbooks/new/").status_code == 403
    assert responder.post(f"{address}discard/").status_code == 302
    assert responder.get(address).status_code == 404


def test_the_last_apply_is_undone_from_the_page(sign_in, apply, service):
    slug = apply().runbook.slug
    assert sign_in("responder").post(f"/runbooks/{slug}/undo/").status_code == 403
    assert sign_in().post(f"/runbooks/{slug}/undo/").status_code == 404
    manager = sign_in("manager")
    page = manager.post(f"/runbooks/{slug}/undo/", follow=True)
    assert "Everything is as it was" in page.content.decode()
    page = manager.post(f"/runbooks/{slug}/undo/", follow=True)
    assert "Nothing of this runbook is applied." in page.content.decode()
