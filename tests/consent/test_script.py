"""The script that asks for consent, as a page gets it; what it does is shown in tests/browser."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Final

import pytest

from newshole.blocks.consent import SCRIPT, attributes
from newshole.blocks.scripts import script
from newshole.rules.consent import Consent

BLOCKS: Final = Path(__file__).resolve().parents[2] / "docs/blocks.md"


def packed(*names: str) -> int:
    """The bytes of some scripts together, compressed."""
    return len(gzip.compress("".join(map(script, names)).encode("ascii"), 9))


def test_it_adds_at_most_700_bytes_to_those_that_need_it() -> None:
    others = ("slots.js", "gpt.js")
    assert packed(SCRIPT, *others) - packed(*others) <= 700


def test_the_scripts_of_one_server_are_as_small_as_the_documentation_says() -> None:
    documented = re.search(r"For `gpt` they are (\d\.\d) kB compressed", BLOCKS.read_text("utf-8"))
    assert documented is not None
    assert packed(SCRIPT, "slots.js", "gpt.js") <= float(documented[1]) * 1000


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
