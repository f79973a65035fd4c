"""Blocks in forms: what people without YAML change, from what they type to what the draft says."""

from __future__ import annotations

import html
import re

from tests.console.newsroom import Newsroom

_CONTROL = re.compile(
    r"<input(?P<input>[^>]*)>|<select(?P<select>[^>]*)>(?P<options>.*?)</select>"
    r"|<textarea(?P<area>[^>]*)>\n?(?P<text>.*?)</textarea>",
    re.DOTALL,
)


def attribute(tag: str, name: str) -> str | None:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else None


def filled(page: str) -> dict[str, str]:
    """What a browser would send of the form of a block, were nothing touched."""
    form = page[page.index('class="block-form"') :]
    sent: dict[str, str] = {}
    for found in _CONTROL.finditer(form):
        tag = found["input"] or found["select"] or found["area"] or ""
        name = attribute(tag, "name")
        if name is None or (attribute(tag, "type") == "checkbox" and "checked" not in tag):
            continue
        if found["select"]:
            chosen = re.findall(r'<option value="([^"]*)"([^>]*)>', found["options"] or "")
            picked = [value for value, more in chosen if "selected" in more] or [chosen[0][0]]
            sent[name] = html.unescape(picked[-1])
        elif found["area"]:
            sent[name] = html.unescape(found["text"] or "").replace("\n", "\r\n")
        else:
            sent[name] = attribute(tag, "value") or ("on" if attribute(tag, "type") == "checkbox" else "")
    return {**sent, "action": "save"}


def test_every_form_sent_as_it_is_changes_nothing(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        listed = client.get(quiet.screen("blocks"))
        blocks = sorted(set(re.findall(r"blocks/edit\?block=([a-z0-9-]+)", listed.text)))
        assert len(blocks) > 8
        for block in blocks:
            page = client.get(quiet.screen(f"blocks/edit?block={block}"))
            answer = client.post(quiet.screen("blocks/edit"), data=filled(page.text))
            assert "saved=nothing" in str(answer.url), (
                block,
                re.findall(r"<div class=.wrong.*?</div>", answer.text, re.DOTALL),
            )
