"""The options of the operator's own markup."""

from __future__ import annotations

from newshole.rules.kinds.texts import Snippet
from newshole.rules.words import Pixels
from newshole.rules.written import Written


class Html(Written):
    """The operator's own snippet, vetted when the rules load."""

    html: Snippet
    """A Jinja2 template, sandboxed and autoescaped."""
    reserve: Pixels | None = None
    """The snippet's height in pixels, so that nothing moves when it is drawn."""
