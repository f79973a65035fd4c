"""`newshole diff`: what it prints, its JSON, and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import HERE, RULES, STORY, Newshole, Outcome, refused
from tests.cli.test_explain import DOCS, _keys

DENSER = HERE / "denser.yaml"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)


@pytest.mark.usefixtures("here")
def test_the_text_is_the_one_in_the_documentation(newshole: Newshole) -> None:
    outcome = newshole("diff", "rules.yaml", "denser.yaml", "story.html")
    assert (outcome.code, outcome.err) == (0, "")
    assert f"```text\n{outcome.text}```" in DOCS


def test_the_json_holds_every_slot_and_change(newshole: Newshole) -> None:
    told: dict[str, Any] = json.loads(newshole("diff", RULES, DENSER, STORY, "--json").out)
    assert (told["old"], told["new"], told["device"]) == (str(RULES), str(DENSER), "desktop")
    figures = {key: told["totals"][key] for key in ("pages", "changed", "gained", "lost", "moved")}
    assert figures == {"pages": 1, "changed": 1, "gained": 1, "lost": 0, "moved": 1}
    (page,) = told["pages"]
    assert [(each["what"], each["before"] and each["before"]["where"]) for each in page["changes"]] == [
        ("moved", "after paragraph 2"),
        ("gained", None),
    ]
    assert [slot["block"] for slot in page["after"]["slots"]] == ["inline-ad", "second-ad"]


def test_every_key_of_the_json_is_documented(newshole: Newshole) -> None:
    chapter = DOCS.split("### diff --json")[1].split("\n## ")[0]
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", chapter))))
    assert _keys(json.loads(newshole("diff", RULES, DENSER, STORY, "--json").out)) <= documented


def test_the_exit_code_says_whether_anything_differs_where_it_is_asked(newshole: Newshole) -> None:
    assert newshole("diff", RULES, DENSER, STORY).code == 0
    assert newshole("diff", RULES, DENSER, STORY, "--exit-code").code == 1
    assert newshole("diff", RULES, RULES, STORY, "--exit-code").code == 0


def test_rules_see_the_device(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8").replace("section: [Sport]", "device: mobile"), "utf-8")
    assert newshole("diff", RULES, rules, STORY, "--exit-code").code == 0
    mobile = newshole("diff", RULES, rules, STORY, "--exit-code", "--device", "mobile")
    assert mobile.code == 1
    assert "+ follow right after the story" in mobile.text


def test_the_worst_pages_come_first_and_the_rest_is_counted(newshole: Newshole, tmp_path: Path) -> None:
    for name in ("a.html", "b.html", "c.html"):
        (tmp_path / name).write_bytes(STORY.read_bytes())
    text = newshole("diff", RULES, DENSER, tmp_path, "--show", "1").text
    # A long path is broken into lines.
    assert "/a.html" in "".join(text.split())
    assert "b.html" not in text
    assert "and 2 more pages: --show 3 shows all" in text


def test_a_page_that_is_left_says_why(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("articles: [{path: '/world/**'}]\n" + RULES.read_text("utf-8"), "utf-8")
    text = newshole("diff", RULES, rules, STORY).text
    assert "1 slot → left untouched (not-an-article)" in text
    assert "- inline-ad after paragraph 2" in text


def test_other_content_is_named(newshole: Newshole, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8").replace("{slot: inline}", "{slot: other}"), "utf-8")
    outcome = newshole("diff", RULES, rules, STORY, "--exit-code")
    assert outcome.code == 1
    assert "other content in inline-ad" in outcome.text


def test_the_mistakes_of_both_are_told_at_once(newshole: Newshole, tmp_path: Path) -> None:
    old, new = tmp_path / "a.yaml", tmp_path / "b.yaml"
    old.write_text("blox: {}\n", "utf-8")
    new.write_text("layuot: {}\n", "utf-8")
    assert newshole("diff", old, new, STORY) == Outcome(
        1,
        b"",
        f'{old}:1:1: blox: unknown key; did you mean "blocks"?\n'
        f'{new}:1:1: layuot: unknown key; did you mean "layout"?\n',
    )


def test_rules_that_are_not_there_are_refused(newshole: Newshole) -> None:
    refused(
        newshole("diff", RULES, "nothing", STORY),
        "no rules at nothing: give a file, a folder or a pack (newspaper, quiet, reference)",
    )


def test_a_fault_fails(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("no plan")

    monkeypatch.setattr("newshole.composing.make_plan", fail)
    outcome = newshole("diff", RULES, RULES, STORY)
    assert outcome.code == 1
    assert "Traceback" not in outcome.err + outcome.text
