"""The word for a reader, from what a request tells."""

from __future__ import annotations

from typing import Final

import pytest

from newshole.consent.judging import NEEDED, Evidence, state
from newshole.rules.consent import Consent
from tests.consent.strings import NOW, Written

BY_COOKIE: Final = Consent(cookie="euconsent-v2")
BY_HEADER: Final = Consent(header="X-Consent")
AGREED: Final = Written().text
EVERY: Final = ((1, 800),)


def word(consent: Consent = BY_COOKIE, **told: object) -> str:
    """The word for what a request tells."""
    return state(consent, Evidence(**told), now=NOW)  # type: ignore[arg-type]  # fields by their names


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (Written(), "personal"),
        (Written(purposes=frozenset(range(1, 12)), vendors=EVERY), "personal"),
        (Written(purposes=frozenset()), "limited"),
        (Written(vendors=()), "limited"),
        (Written(vendors=((1, 754), (756, 800))), "limited"),
        (Written(disclosed=((1, 754),)), "limited"),
        (Written(restrictions=((3, 1, ((755, 755),)),)), "personal"),
        (Written(restrictions=((3, 0, ((1, 754),)),)), "personal"),
        (Written(restrictions=((7, 0, ((755, 755),)),)), "personal"),
        (Written(restrictions=((3, 0, ((700, 760),)),)), "limited"),
        (Written(restrictions=((4, 2, ((755, 755),)),)), "limited"),
        *((Written(purposes=NEEDED - {purpose}), "limited") for purpose in sorted(NEEDED)),
    ],
)
def test_personal_takes_the_purposes_the_vendor_and_no_restriction(written: Written, expected: str) -> None:
    assert word(string=written.text) == expected


def test_every_vendor_must_be_agreed_to() -> None:
    both = Consent(cookie="c", vendors=(755, 76))
    assert word(both, string=AGREED) == "limited"
    assert word(both, string=Written(vendors=((76, 76), (755, 755))).text) == "personal"


@pytest.mark.parametrize(
    "string", ["", "1", AGREED[:-1], AGREED + "A", f"{AGREED}.x", "personal", "A" * 5000]
)
def test_a_string_that_will_not_do_is_no_answer(string: str) -> None:
    assert word(string=string) == "none"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("personal", "personal"),
        (" Limited ", "limited"),
        ("restricted", "restricted"),
        ("none", "none"),
        ("", "none"),
        ("yes", "none"),
        (AGREED, "none"),
    ],
)
def test_an_edge_says_one_of_four_words(said: str, expected: str) -> None:
    assert word(BY_HEADER, word=said) == expected


def test_the_cookie_is_asked_where_the_edge_says_nothing() -> None:
    both = Consent(cookie="c", header="X-Consent")
    assert word(both, string=AGREED) == "personal"
    assert word(both, word="limited", string=AGREED) == "limited"
    assert word(both, word="nonsense", string=AGREED) == "none"


def test_who_opts_out_takes_back_what_was_agreed_and_no_more() -> None:
    assert word(string=AGREED, opts_out=True) == "restricted"
    assert word(string=Written(purposes=frozenset()).text, opts_out=True) == "limited"
    assert word(opts_out=True) == "none"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"country": "JP"}, "personal"),
        ({"country": "JP", "opts_out": True}, "restricted"),
        ({"country": "DE"}, "none"),
        ({"country": None}, "none"),
        ({"country": "JP", "string": Written(purposes=frozenset()).text}, "limited"),
        ({"country": "JP", "string": AGREED[:-2]}, "none"),
    ],
)
def test_no_answer_is_no_refusal_where_no_framework_serves(told: dict[str, object], expected: str) -> None:
    assert word(Consent(cookie="c", regions=frozenset(("DE",))), **told) == expected
    assert word(Consent(cookie="c"), country="JP") == "none"
