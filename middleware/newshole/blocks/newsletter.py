"""The newsletter: a form that posts an address to the site's own endpoint, or a link to where that is."""

from __future__ import annotations

from dataclasses import dataclass

from newshole.blocks.kind import Content, Kind, Nothing, View, each
from newshole.blocks.markup import safe_url
from newshole.rules.kinds import Newsletter


@dataclass(frozen=True, slots=True)
class NewsletterContent(Content):
    """A form where `action` is known, else a link to `url`; "" for what there is not."""

    title: str
    text: str
    action: str
    url: str
    field: str
    label: str
    button: str


@each
def prepare(_block: str, options: Newsletter, view: View) -> NewsletterContent | Nothing:
    action, url = safe_url(options.action), safe_url(options.url)
    if not action and not url:
        return Nothing("no address to sign up at, or none of http or https")
    return NewsletterContent(
        language=view.language,
        title=options.title or view.words.newsletter,
        text=options.text or "",
        action=action or "",
        url=url or "",
        field=options.field,
        label=view.words.email,
        button=options.button or view.words.sign_up,
    )


KIND = Kind("newsletter", prepare)
