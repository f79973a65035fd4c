"""What the console's process has in its environment, and on its disk, is nobody's to read by a draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from newshole.live.appending import read_log
from newshole.live.entries import State
from newshole.live.source import Source, taken_by
from tests.console.newsroom import STORY, Newsroom, newsroom

KEY: Final = "hunter2-of-the-environment"
AD: Final = "{kind: ad, place: body-end, sizes: {mobile: [[300, 250]]}, serve: {gpt: {unit: UNIT}}}"
RULES: Final = f"""
articles: [{{path: "/**"}}]
blocks:
  first: {AD.replace("UNIT", '"/${NETWORK}/{site}"')}
  zone: {AD.replace("{gpt: {unit: UNIT}}", '{slot: "${ZONE}"}')}
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsroom]:
    """A newsroom whose rules in service take two values from the environment."""
    for name, value in {
        "NETWORK": "4711",
        "ZONE": "4712",
        "FASTLY_KEY": KEY,
        "NEWSHOLE_SECRET": KEY,
    }.items():
        monkeypatch.setenv(name, value)
    rules = tmp_path / "site.yaml"
    rules.write_text(RULES)
    with newsroom(tmp_path, rules=rules, workers=0) as found:
        yield found


def drafted(client: httpx.Client, text: str) -> str:
    """The id of a new draft with this text."""
    at = client.post("/_newshole/site/rules/begin", data={}).url.params["draft"]
    form = {"draft": at, "seen": "1", "text:site.yaml": text}
    assert client.post("/_newshole/site/rules/save", data=form).status_code == 200
    return at


def checked(client: httpx.Client, draft: str, text: str) -> str:
    """What the editor says of a text that is being typed."""
    form = {"draft": draft, "text:site.yaml": text}
    return client.post("/_newshole/site/rules/check", data=form).text


def test_what_the_rules_in_service_take_a_draft_may_take_too(room: Newsroom) -> None:
    with room.signed_in("ed") as ed:
        more = RULES + "  second: " + AD.replace("UNIT", '"/${NETWORK}/{site}"')
        draft = drafted(ed, more)
        assert '"problems":[]' in checked(ed, draft, more)
        shown = ed.get(
            "/_newshole/site/preview/frame", params={"draft": draft, "url": STORY, "device": "mobile"}
        )
        assert shown.status_code == 200


@pytest.mark.parametrize(
    "unit",
    [
        '"/${FASTLY_KEY}/x"',
        '"/${NEWSHOLE_SECRET}/x"',
        '"/${ZONE}/x"',
        '"${ZONE}"',
        '"/${NETWORK}/other"',
        '"/${NO_SUCH_NAME}/x"',
    ],
)
@pytest.mark.parametrize("way", ["block", "override", "anchor"])
def test_nothing_else_of_the_environment_gets_into_a_page_or_a_message(
    room: Newsroom, unit: str, way: str
) -> None:
    text = {
        "block": RULES.replace('"/${NETWORK}/{site}"', unit),
        "override": RULES + f"overrides: [{{name: o, set: {{blocks.first.serve.gpt.unit: {unit}}}}}]\n",
        "anchor": RULES.replace('"/${NETWORK}/{site}"', f"&u {unit}"),
    }[way]
    with room.signed_in("ed") as ed:
        draft = drafted(ed, text)
        message = checked(ed, draft, text)
        assert "publish it from the command line" in message or "no rule may name" in message
        answers = [
            ed.get("/_newshole/site/preview", params={"draft": draft, "url": STORY}),
            ed.get(
                "/_newshole/site/preview/frame", params={"draft": draft, "url": STORY, "device": "mobile"}
            ),
            ed.get("/_newshole/site/why", params={"draft": draft, "url": STORY}),
            ed.get("/_newshole/site/blocks", params={"draft": draft}),
            ed.get("/_newshole/site/blocks/edit", params={"draft": draft, "block": "first"}),
            ed.get("/_newshole/site/rules", params={"draft": draft}),
            ed.get("/_newshole/site/publish", params={"draft": draft}),
        ]
        for answer in answers:
            assert KEY not in answer.text
            assert "4711" not in answer.text
            assert "4712" not in answer.text
            assert answer.status_code < 500
        assert "environment has no" not in message


def test_a_publisher_cannot_put_more_of_it_into_service(room: Newsroom) -> None:
    def state() -> State:
        return room.at(read_log)[1]

    with room.signed_in("anna") as anna:
        for unit, is_published in (("/${FASTLY_KEY}/x", False), ("/x", True)):
            before = state().serves
            draft = drafted(anna, RULES.replace("/${NETWORK}/{site}", unit))
            form = {"draft": draft, "note": "n", "revision": "2", "on": before}
            anna.post("/_newshole/site/publish/release", data=form)
            assert (state().serves != before) == is_published


def test_a_form_shows_nothing_of_a_file_outside_of_the_draft(room: Newsroom, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(RULES.replace("{site}", KEY))
    with room.signed_in("ed") as ed:
        draft = drafted(ed, f"extends: {outside}\n")
        for path in ("blocks", "blocks/edit", "rules", "preview", "why", "publish"):
            for find in ("", "blocks.first.serve.gpt.unit"):
                asked = {"draft": draft, "url": STORY, "block": "first", "find": find}
                answer = ed.get(f"/_newshole/site/{path}", params=asked)
                assert KEY not in answer.text
                assert answer.status_code < 500


def test_rules_say_what_they_take_and_where() -> None:
    assert taken_by(
        Source("site.yaml", {"site.yaml": RULES, "notes.txt": "${X}", "broken.yaml": "a: ["})
    ) == {
        ("serve.gpt.unit", "/${NETWORK}/{site}"),
        ("serve.slot", "${ZONE}"),
    }
