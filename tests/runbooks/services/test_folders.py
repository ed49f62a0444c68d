"""Runbooks of a folder or a checkout."""

import pytest

from opsportal.kit.errors import PortalError
from runbooks.models import Draft, Runbook
from runbooks.services import folders
from runbooks.services.drafts import keep_waiting
from runbooks.services.folders import Import, find_files, find_root, import_files
from tests.conftest import NOW
from tests.factories.oncall import ServiceFactory
from tests.runbooks.conftest import KESTREL

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SURE = "# Plain\n\n## Daily Checklist\n- [ ] Look at the queue\n- [ ] Read the mail\n"


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "repo"
    (folder / ".git").mkdir(parents=True)
    (folder / "docs").mkdir()
    (folder / "docs" / "plain.md").write_text(SURE)
    return folder


@pytest.fixture
def bring(service, manager):
    """`bring(folder, apply=True)` imports it and returns (path, result) pairs."""

    def act(folder, *, apply=False, services=None, globs=("**/*.md",)):
        wish = Import(
            services=services or [service], by=manager if apply else None, now=NOW
        )
        files = find_files(folder, globs)
        return list(import_files(files, find_root(folder), wish))

    return act


def pairs(outcomes):
    return [(each.path, each.result) for each in outcomes]


def test_a_new_text_waits_and_an_unchanged_one_is_not_asked_twice(bring, checkout):
    assert pairs(bring(checkout)) == [("docs/plain.md", "waits")]
    (again,) = bring(checkout / "docs")
    assert (again.path, again.result) == ("docs/plain.md", "unchanged")
    assert "it waits for a review" in again.detail
    draft = Draft.objects.get()
    assert (draft.user, draft.runbook, draft.path) == (None, None, "docs/plain.md")
    (checkout / "docs" / "plain.md").write_text(SURE + "- [ ] Count the jobs\n")
    assert pairs(bring(checkout)) == [("docs/plain.md", "waits")]
    assert Draft.objects.count() == 1
    assert not Runbook.objects.exists()


def test_what_needs_no_question_is_applied_and_known_again_by_its_path(bring, checkout):
    (first,) = bring(checkout, apply=True)
    assert (first.result, first.detail) == ("applied", "version 1")
    runbook = Runbook.objects.get()
    assert (runbook.path, Draft.objects.exists()) == ("docs/plain.md", False)
    assert pairs(bring(checkout, apply=True)) == [("docs/plain.md", "unchanged")]
    path = checkout / "docs" / "plain.md"
    path.write_text(SURE.replace("# Plain", "# Renamed"))
    (second,) = bring(checkout, apply=True)
    assert (second.result, second.detail) == ("applied", "version 2")
    path.write_text(SURE.replace("# Plain", "# Renamed").replace("- [ ] Read the mail\n", ""))  # fmt: skip
    (third,) = bring(checkout, apply=True)
    assert (third.result, third.detail) == ("waits", "0 found, 1 to decide")
    assert Draft.objects.get().runbook == runbook


def test_a_runbook_that_was_pasted_takes_the_path_of_its_file(bring, checkout, apply):
    runbook = apply(SURE).runbook
    assert pairs(bring(checkout)) == [("docs/plain.md", "unchanged")]
    runbook.refresh_from_db()
    assert runbook.path == "docs/plain.md"


def test_two_files_of_one_title_are_two_runbooks(bring, checkout):
    (checkout / "docs" / "two.md").write_text(SURE.replace("mail", "log"))
    assert {each.result for each in bring(checkout, apply=True)} == {"applied"}
    assert {each.result for each in bring(checkout, apply=True)} == {"unchanged"}
    found = Runbook.objects.order_by("pk").values_list("slug", "path")
    assert list(found) == [("plain", "docs/plain.md"), ("plain-2", "docs/two.md")]


def test_a_text_that_waited_as_a_new_one_is_found_when_its_runbook_was_pasted(
    bring, checkout, apply
):
    bring(checkout)
    apply(SURE + "- [ ] Count the jobs\n")
    assert pairs(bring(checkout)) == [("docs/plain.md", "waits")]
    assert Draft.objects.get().runbook is not None


def test_each_file_says_its_service_when_there_are_several(
    bring, checkout, service, team
):
    other = ServiceFactory(team=team, name="Heron", slug="heron")
    (checkout / "docs" / "a.md").write_text("# Kestrel Runbook\n\nText.\n")
    one, two = bring(checkout, services=[service, other])
    assert (one.path, one.result) == ("docs/a.md", "waits")
    assert (two.result, "say --service" in two.detail) == ("failed", True)
    assert Draft.objects.get().service == service


def test_what_is_wrong_with_a_file_is_one_line_and_others_go_on(
    bring, checkout, tmp_path, monkeypatch
):
    monkeypatch.setattr(folders, "MOST_BYTES", 2_000)
    docs = checkout / "docs"
    (tmp_path / "secret.md").write_text("# Secret\n")
    (docs / "a.md").symlink_to(tmp_path / "secret.md")
    (docs / "b.md").write_bytes("# Été\n".encode("cp1252"))
    (docs / "c.md").write_text("# Long\n" + "x" * 2_000)
    (docs / "d.md").write_text(" \n")
    (docs / "e.md").symlink_to(docs / "nothing.md")
    (docs / "f.md").write_text("<!-- live: item -->\n".replace("<", " <", 1))
    (docs / ".hidden.md").write_text(KESTREL)
    said = {each.path[5:]: each.detail for each in bring(checkout)}
    assert said.pop("plain.md").endswith("found, 0 to decide")
    assert said == {
        "a.md": "it leads out of the folder",
        "b.md": "it is not UTF-8",
        "c.md": "it has more than 2 MB",
        "d.md": "it is empty",
        "e.md": "no such file or directory",
        "f.md": "it is empty",
    }


def test_globs_narrow_and_bad_ones_are_refused(checkout, monkeypatch):
    assert find_files(checkout, ["*.md"]) == []
    for glob in ("/etc/*", ""):
        with pytest.raises(PortalError, match="globs"):
            find_files(checkout, [glob])
    monkeypatch.setattr(folders, "MOST_FILES", 0)
    with pytest.raises(PortalError, match="Narrow"):
        find_files(checkout, ["**/*.md"])


def test_a_folder_that_is_no_checkout_is_its_own_root(tmp_path):
    (tmp_path / "a.md").write_text("# A")
    assert find_root(tmp_path / "a.md") == tmp_path.resolve()


def test_a_text_that_is_applied_again_does_not_wait(service, apply):
    runbook = apply().runbook
    other = keep_waiting(service, b"# Other", runbook=runbook, now=NOW)
    assert other.runbook == runbook
    assert keep_waiting(service, KESTREL.encode(), runbook=runbook, now=NOW) is None
    assert not Draft.objects.exists()
