"""The options of the operator's own markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newshole.rules.kinds.texts import Snippet, script_conflicts
from newshole.rules.words import Flag, Pixels
from newshole.rules.written import Conflict, Written


class Html(Written):
    """The operator's own snippet, vetted when the rules load."""

    html: Snippet
    """A Jinja2 template, sandboxed and autoescaped."""
    reserve: Pixels | None = None
    """The snippet's height in pixels, so that nothing moves when it is drawn."""
    scripts: Flag = False
    """Whether scripts may stand in the snippet."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from super().conflicts(written)
        yield from script_conflicts(written)
