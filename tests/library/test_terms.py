"""Terms of titles, and titles that say nearly the same."""

from __future__ import annotations

import pytest

from newshole.library.terms import is_near_duplicate, terms


def test_words_in_lower_case_without_punctuation() -> None:
    assert terms("Budget “passes”, BUDGET stands!") == {"budget", "passes", "stands"}


def test_scripts_without_spaces_are_compared_by_pairs_of_letters() -> None:
    assert terms("東京で雨 G7") == {"東京", "京で", "で雨", "g7"}
    assert terms("雨") == {"雨"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Council passes the budget", "Council passes the budget!", True),
        ("Council passes the new budget", "Council passes the budget", True),
        ("Council passes the budget", "Council rejects the plan", False),
        ("", "", False),
        ("東京で大雨、電車が止まる", "東京で大雨、電車が止まる見込み", True),
    ],
)
def test_near_duplicates(one: str, other: str, same: bool) -> None:
    assert is_near_duplicate(terms(one), terms(other)) == same
