"""Managers give runs and cadences to somebody, several at once."""

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def person(sign_in):
    return sign_in("responder").user


def test_a_manager_chooses_several_and_a_person(run, person, team, sign_in):
    client = sign_in("manager")
    html = client.get("/run-assignments/").content.decode()
    assert f'name="runs" value="{run.pk}"' in html
    assert f'name="cadences" value="{run.cadence_id}"' in html
    typed = {"runs": [run.pk], "cadences": [run.cadence_id], "person": person.pk}
    answer = client.post(f"/run-assignments/{team.slug}/", typed, follow=True)
    html = answer.content.decode()
    assert f"2 given to {person.display_name}." in html
    run.refresh_from_db()
    assert (run.assignee_user, run.cadence.assignee_user) == (person, person)
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert f"<dt>For</dt><dd>{person.display_name}" in page
    assert "Given to somebody" in page
    typed = {"runs": [run.pk], "person": ""}
    answer = client.post(f"/run-assignments/{team.slug}/", typed, follow=True)
    assert b"1 given to whom their cadences say." in answer.content


@pytest.mark.parametrize("typed", [{}, {"runs": [0]}, {"runs": None, "person": 0}])
def test_what_cannot_be_given_is_said(run, team, typed, sign_in):
    typed = {**typed, "runs": [run.pk]} if typed.get("runs", 0) is None else typed
    url = f"/run-assignments/{team.slug}/"
    answer = sign_in("manager").post(url, typed, follow=True)
    assert b"Choose runs or cadences, and a member of the team." in answer.content


def test_only_managers_give(run, team, sign_in):
    assert b"Nothing to give" in sign_in("responder").get("/run-assignments/").content
    for role, status in (("responder", 403), (None, 404)):
        answer = sign_in(role).post(f"/run-assignments/{team.slug}/")
        assert answer.status_code == status


def test_the_api_gives(run, person, team, ask):
    path = f"/teams/{team.slug}/assign"
    wanted = {"runs": [run.pk], "cadences": [run.cadence_id]}
    given = wanted | {"person": person.username}
    assert ask("manager", "post", path, given).json() == {"runs": 1, "cadences": 1}
    assert ask("manager", "post", path, wanted).json() == {"runs": 1, "cadences": 1}
    assert (
        ask("manager", "post", path, wanted | {"person": "nobody"}).status_code == 422
    )
    assert ask("responder", "post", path, given).status_code == 403
    assert ask(None, "post", path, given).status_code == 404
