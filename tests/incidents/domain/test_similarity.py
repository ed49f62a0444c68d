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


def test_words_are_looked_for_as_long_as_that_is_cheap_and_one_always():
    counts = {"pool": 2, "api": 990, "slow": 995, "node": 998, "all": 1_000}
    weights = weigh_words(counts, 9_000)
    assert choose_words(weights, counts) == ["pool", "api", "slow"]
    few = {"pool": 2, "all": 1_000}
    assert choose_words(weigh_words(few, 9_000), few) == ["pool"]
    assert choose_words({"slow": 1.0}, {"slow": 1_000}) == ["slow"]
    many = {f"word{number}": 1.0 for number in range(17)}
    assert len(choose_words(many, dict.fromkeys(many, 1))) == 16


def test_a_common_word_is_worth_little_however_many_others_there_are():
    assert weigh_words({"error": 1_000}, 50_000) == {"error": 1.0}
    assert weigh_words({"error": 1_000}, 1_001)["error"] < 0.001


def test_a_phrase_of_common_words_does_not_outweigh_a_rare_name():
    phrase = ["latency", "above", "target", "because"]
    counts = dict.fromkeys(phrase, 1_000) | {"billing": 110, "cache": 110}
    weights = weigh_words(counts, 50_000)
    names = score(["billing", "cache"], weights, has_service=False)
    assert names > score([*phrase, "billing"], weights, has_service=False)


def test_the_same_alert_says_more_than_the_same_service():
    weights = {"pool": 2.0}
    by_words = score(["pool", "new"], weights, has_service=True)
    assert by_words == 3.0
    assert score([], weights, has_service=True, series={7}) == 17.0
    assert score([], weights, has_service=False) == 0
