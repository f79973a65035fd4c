"""Language tags, as far as it matters which language a reader sees."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
"""A BCP 47 tag, underscores allowed."""

_SAME: Final = {"nb": "no", "nn": "no", "iw": "he"}


@lru_cache(maxsize=1024)
def primary(tag: str) -> str:
    """The language of a BCP 47 tag without region and script, "" where the tag is none."""
    if not TAG.fullmatch(tag):
        return ""
    language = re.split("[-_]", tag, maxsplit=1)[0].lower()
    return _SAME.get(language, language)


def may_be_one(language: str, other: str) -> bool:
    """Whether two languages, as `primary` has them, may be the same: one that is not known may be any."""
    return not language or not other or language == other
