"""The script that asks for consent, as a page gets it; what it does is shown in tests/browser."""

from __future__ import annotations

import gzip

import pytest

from newshole.blocks.consent import SCRIPT, attributes
from newshole.blocks.scripts import script
from newshole.rules.consent import Consent


def packed(*names: str) -> int:
    """The bytes of some scripts together, compressed."""
    return len(gzip.compress("".join(map(script, names)).encode("ascii"), 9))


def test_it_adds_at_most_700_bytes_to_those_that_need_it() -> None:
    others = ("slots.js", "gpt.js")
    assert packed(SCRIPT, *others) - packed(*others) <= 700


@pytest.mark.parametrize(
    ("consent", "word", "told"),
    [
        (Consent(), "personal", ""),
        (Consent(vendors=(755, 76)), "none", ' data-nh-vendors="755 76"'),
        (Consent(cookie="c"), "none", ""),
        (Consent(cookie="c"), "ads", ""),
        (Consent(header="X", grace=0), "limited", ' data-nh-grace="0" data-nh-consent="limited"'),
    ],
)
def test_it_is_told_what_is_otherwise_and_the_servers_word(consent: Consent, word: str, told: str) -> None:
    assert attributes(consent, word) == told
