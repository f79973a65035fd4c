"""Numbers as addresses, forms and pages write them."""

from __future__ import annotations

from typing import Final

MOST_DIGITS: Final = 9


def is_number(written: str) -> bool:
    """Whether it is a whole number from 0 on, which `int` reads; of more digits nobody means one."""
    return written.isascii() and written.isdecimal() and len(written) <= MOST_DIGITS
