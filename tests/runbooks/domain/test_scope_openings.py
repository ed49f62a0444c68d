"""A line between a title and its list says when the list is due."""

import pytest

from runbooks.domain.plan import read_plan


def read(title, line, item="- [ ] Look at the replication lag"):
    """The title of each list that is found, with when it is due."""
    plan = read_plan(
        f"# Ledger operations\n\n## {title}\n\n{line}\n\n{item}\n".encode()
    )
    return [
        (each.title, each.cadence, each.weekday, each.time_of_day)
        for each in plan.checklists
    ]


@pytest.mark.parametrize(
    ("title", "line", "due"),
    [
        ("Morning checks", "Every weekday at 09:30.", ("weekdays", "", "09:30")),
        (
            "Weekly review",
            "Fridays at 15:00, by any of us.",
            ("weekly", "friday", "15:00"),
        ),
        ("Tagesbeginn", "Jeden Werktag um 8:30 Uhr.", ("weekdays", "", "08:30")),
        ("Start of day", "Every day at 07:00.", ("daily", "", "07:00")),
    ],
)
def test_a_line_says_more_than_the_title(title, line, due):
    assert read(title, line) == [(title, *due)]


@pytest.mark.parametrize(
    ("title", "line", "due"),
    [
        ("Monthly close", "Every day at 10:00 the batch runs.", ("monthly", "", "")),
        ("Daily checks", "Weekly at 09:00.", ("daily", "", "")),
        ("Daily checks", "We look at everything.", ("daily", "", "")),
        ("Daily checks 08:00", "Every weekday at 09:30.", ("daily", "", "08:00")),
    ],
)
def test_a_line_that_speaks_of_something_else_changes_nothing(title, line, due):
    assert [each[1:] for each in read(title, line)] == [due]


def test_a_title_with_nothing_between_it_and_its_list_stands():
    assert read("Daily checks", "") == [("Daily checks", "daily", "", "")]


def test_what_runs_by_itself_is_no_list():
    assert read("Backups", "Every day at 02:00.", "- Taken by the cluster") == []
