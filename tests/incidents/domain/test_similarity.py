"""Alike are those that share what is rare."""

from incidents.domain.similarity import choose_words, score, split_words, weigh_words


def test_words_are_small_distinct_and_worth_something():
    assert split_words("The API: API-down for 5xx, db is DOWN") == [
        "5xx",
        "api",
        "down",
    ]
    assert len(split_words(" ".join(f"word{n}" for n in range(60)))) == 40


def test_rare_words_weigh_more_and_common_ones_nothing():
    weights = weigh_words({"pool": 2, "api": 50, "all": 100, "gone": 0}, 100)
    assert weights["pool"] > weights["api"] > weights["all"] == 0
    assert choose_words(weights, 5) == ["pool", "api"]
    assert choose_words(weights, 1) == ["pool"]


def test_the_same_alert_says_more_than_the_same_service():
    weights = {"pool": 2.0}
    by_words = score(["pool", "new"], weights, has_service=True)
    assert by_words == 3.0
    assert score([], weights, has_service=True, series={7}) == 5.0
    assert score([], weights, has_service=False) == 0
