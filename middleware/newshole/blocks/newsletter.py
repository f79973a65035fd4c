"""The newsletter: a form that posts an address to the site's own endpoint, or a link to where that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from newshole.blocks.kind import Content, Kind, Nothing, Setting, View, each, settled
from newshole.blocks.markup import safe_url, spoken
from newshole.rules.kinds.newsletter import Newsletter


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
def prepare(block: str, options: Newsletter, view: View) -> NewsletterContent | Nothing:
    content = _content(options, view.setting)
    title = spoken(options.title, block, view) or view.words.newsletter
    text = spoken(options.text, block, view)
    if isinstance(content, Nothing) or (content.title, content.text) == (title, text):
        return content
    return replace(content, title=title, text=text)


@settled
def _content(options: Newsletter, setting: Setting) -> NewsletterContent | Nothing:
    action, url = safe_url(options.action), safe_url(options.url)
    if not action and not url:
        return Nothing("no address to sign up at, or none of http or https")
    return NewsletterContent(
        language=setting.language,
        title=options.title or setting.words.newsletter,
        text=options.text or "",
        action=action or "",
        url=url or "",
        field=options.field,
        label=setting.words.email,
        button=options.button or setting.words.sign_up,
    )


KIND = Kind("newsletter", prepare)
