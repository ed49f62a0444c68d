"""The procedure that fits comes first."""

from runbooks.domain.procedure_match import rank_procedures

FOUND = {
    1: ("The database is slow", "Many connections wait"),
    2: ("High error rate", "Answers with status 500; roll back"),
    3: ("Queue backlog", "Errors of workers"),
}


def test_a_shared_word_of_the_title_says_more_than_one_of_the_text():
    assert rank_procedures("Error rate above 1 %", FOUND) == [2, 3, 1]
    assert rank_procedures("Too many connection errors", FOUND) == [2, 1, 3]


def test_what_shares_nothing_stays_in_its_order():
    assert rank_procedures("", FOUND) == [1, 2, 3]
