"""Counting words as a reader would, also in scripts that put no space between them."""

from __future__ import annotations

import re
from typing import Final

LETTERS_A_WORD: Final = 2
"""Letters of a word, on average, in Chinese, Japanese, Thai, Lao, Khmer and Burmese."""

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)


def count_words(text: str) -> int:
    """How many words a text has; a run of unspaced script counts a word for every two of its letters."""
    if text.isascii():
        return len(text.split())
    unspaced = sum(-(-len(run) // LETTERS_A_WORD) for run in _UNSPACED.findall(text))
    return unspaced + sum(any(map(str.isalnum, each)) for each in _UNSPACED.sub(" ", text).split())
