"""The options of a newsletter sign-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newshole.rules.kinds.texts import PageText
from newshole.rules.words import Text, Url
from newshole.rules.written import Conflict, Written, one_of


class Newsletter(Written):
    """A sign-up: a form that posts `field` to the site's own `action`, or a link to `url`."""

    title: PageText | None = None
    text: PageText | None = None
    action: Url | None = None
    url: Url | None = None
    field: Text = "email"
    button: Text | None = None

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, "action", "url")
