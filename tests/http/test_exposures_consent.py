"""Who is counted where readers are asked for consent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newshole.blocks.scripts import script
from tests.http import measured as site
from tests.http.asgi import ask, asked
from tests.http.measured import VIEW, attribute, exposed, measured, post, reader, rows, sent

ASKING = """
consent: server
overrides:
  - name: agreed
    when: {consent: personal}
    set: {blocks.inline.html: "<p>agreed</p>"}
"""


@pytest.mark.parametrize(
    ("unit", "vary"), [("edge", "vary: {arms: X-Arms, id: {cookie: reader}}\n"), ("page", "")]
)
def test_who_has_not_agreed_is_counted_by_nobody_where_the_server_knows(
    tmp_path: Path, unit: str, vary: str
) -> None:
    more = site.EXPERIMENT.replace("UNIT", unit) + ASKING
    newshole = measured(tmp_path, site.rules(tmp_path, vary, more=more))
    headers = [*reader("ada"), (b"x-arms", b"later=late")]
    content = ask(newshole, asked(headers=headers)).body
    assert attribute(content, "token")
    post(newshole, *sent([["view"]], attribute(content, "token"), VIEW, *headers))
    assert rows(newshole) == []


@pytest.mark.parametrize(("word", "count"), [(b"personal", 1), (b"limited", 0), (b"none", 0)])
def test_who_has_agreed_is_counted_where_the_server_knows(tmp_path: Path, word: bytes, count: int) -> None:
    more = site.EXPERIMENT.replace("UNIT", "visitor") + "consent: {mode: server, header: X-Consent}\n"
    newshole = measured(tmp_path, site.rules(tmp_path, more=more))
    ask(newshole, asked(headers=[*reader("ada"), (b"x-consent", word)]))
    assert len(exposed(newshole)) == count


def test_the_script_waits_where_readers_are_asked_for_consent(tmp_path: Path) -> None:
    more = site.EXPERIMENT.replace("UNIT", "visitor") + "consent: {without: personal}\n"
    newshole = measured(tmp_path, site.rules(tmp_path, more=more))
    content = ask(newshole, asked(headers=reader("ada"))).body
    assert re.search(rb"<script data-newshole-runtime data-nh-token=[^>]* data-nh-wait>", content)
    assert script("consent.js").encode() in content
