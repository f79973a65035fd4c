"""The options of the label of paid content."""

from __future__ import annotations

from typing import Annotated

from newshole.rules.kinds.texts import PAGE_VARIABLES, with_braces
from newshole.rules.words import Text
from newshole.rules.written import Written


class Paid(Written):
    """What says that a story was paid for, and by whom."""

    by: Text | None = None
    """Who paid."""
    meta: Text | None = None
    """The meta element, by name or property, in which the page itself says who paid; it goes before `by`."""
    text: Annotated[str, with_braces("by", *PAGE_VARIABLES)] | None = None
    """The label; the page's language has its own where absent, or where a variable is empty."""
