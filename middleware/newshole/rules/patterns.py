"""Patterns that operators write, matched in time that grows with the text, whatever they are.

RE2 has neither look-around nor back-references, and needs no limit on time: one that a clock decides
would make another plan on a busy day.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:  # noqa: ANN401 - RE2 names no type for it
    """The pattern, ready to `search`. Raises re2.error where it is none."""
    import re2  # few rules have patterns

    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def check_pattern(pattern: str) -> str | None:
    """What is wrong with a pattern, None where nothing is."""
    import re2

    try:
        compiled(pattern)
    except re2.error as error:
        (fault,) = error.args or ("unreadable",)
        return fault.decode() if isinstance(fault, bytes) else str(fault)
    return None
