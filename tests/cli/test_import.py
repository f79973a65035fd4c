"""`newshole import`: the rules, what is told on standard error, its JSON, and exports that cannot be read."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from newshole.importing import ad_inserter
from tests.cli.conftest import Newshole, Outcome, refused
from tests.importing.exports import CODE, exported

DOCS = (Path(__file__).parents[2] / "docs" / "from-ad-inserter.md").read_text("utf-8")
OF_CLI = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
BLOCKS = {
    1: {"code": CODE, "name": "Top", "display_type": "3"},
    2: {"code": CODE, "name": "Bottom", "display_type": "4", "alignment_type": "3"},
    3: {"code": "<?php x();", "name": "Old", "display_type": "4"},
    4: {"display_type": "4"},
    "global": {"VERSION": "020738"},
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "export.txt"
    file.write_bytes(exported(BLOCKS))
    return file


def code(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)


def test_the_example_of_the_documentation_is_what_is_made(newshole: Newshole, tmp_path: Path) -> None:
    export, told = code("text")
    file, rules = tmp_path / "export.txt", tmp_path / "rules.yaml"
    file.write_text(export, "utf-8")
    assert newshole("import", "ad-inserter", file, "-o", rules) == Outcome(0, b"", told)
    assert rules.read_text("utf-8") == code("yaml")[0]
    assert newshole("check", rules).text.startswith("rules: ok, rules, 2 blocks, for every host\n")


def test_rules_are_written_to_standard_output_and_the_rest_is_told(newshole: Newshole, export: Path) -> None:
    outcome = newshole("import", "ad-inserter", export)
    assert outcome.code == 0
    assert "\n  # bottom" not in outcome.text
    assert "\n  top:\n    kind: html\n" in outcome.text
    assert outcome.err.splitlines() == [
        "newshole: 3 blocks: 1 carried over whole, 1 in part, 1 not; 1 without a code left out",
        "newshole:   bottom: in part: alignment_type",
        "newshole:   old: not carried over: code",
        "newshole: newshole check: ok",
    ]


def test_an_export_may_come_from_standard_input(
    newshole: Newshole, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(export.read_bytes())))
    assert newshole("import", "ad-inserter", "-").out == newshole("import", "ad-inserter", export).out


def test_the_json_holds_everything(newshole: Newshole, export: Path) -> None:
    told: dict[str, Any] = json.loads(newshole("import", "ad-inserter", export, "--json").out)
    assert told["counts"] == {"blocks": 3, "whole": 1, "partly": 1, "off": 1, "empty": 1}
    assert (told["export"], told["version"], told["problems"]) == (str(export), "2.7.38", [])
    top, bottom, old = told["blocks"]
    assert top == {
        "number": "1", "name": "Top", "id": "top", "outcome": "whole", "off": [], "lost": [],
    }  # fmt: skip
    assert [each["option"] for each in bottom["lost"]] == ["alignment_type"]
    assert [each["why"] for each in old["off"]] == ["it is PHP, which is not run here"]
    assert told["rules"] == newshole("import", "ad-inserter", export).text
    assert [each["option"] for each in told["general"]] == ["display_on_posts", "code"]
    documented = OF_CLI.split("### import --json", 1)[1].split("\n## ", 1)[0]
    assert all(f"`{key}" in documented for key in told)


def test_the_json_leaves_the_rules_to_their_file(newshole: Newshole, export: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    told = json.loads(newshole("import", "ad-inserter", export, "--json", "-o", rules).out)
    assert "rules" not in told
    assert rules.read_bytes() == newshole("import", "ad-inserter", export).out


def test_what_the_check_says_is_told_and_fails(
    newshole: Newshole, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ad_inserter, "_top", lambda *_: {"layuot": {}})
    outcome = newshole("import", "ad-inserter", export)
    assert outcome.code == 1
    assert 'layuot: unknown key; did you mean "layout"?' in outcome.err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "it is empty"),
        (b"Hello!", "it is not base64, or a part of it is missing"),
        (exported(BLOCKS)[:80], "its text is not whole: a text of 4 bytes does not end there at byte 48"),
        (b'a:1:{i:1;O:8:"stdClass":0:{}}', "its text is not whole: an object, which is not read at byte 9"),
    ],
)
def test_exports_that_cannot_be_read_are_told(
    newshole: Newshole, tmp_path: Path, text: bytes, why: str
) -> None:
    file = tmp_path / "export.txt"
    file.write_bytes(text)
    outcome = newshole("import", "ad-inserter", file, "-o", tmp_path / "rules.yaml")
    assert (outcome.code, outcome.out) == (2, b"")
    assert outcome.err.startswith("newshole: this is no export of Ad Inserter: ")
    assert outcome.err.count("\n") == 1
    assert f": {why}; copy the whole text of its Settings > Export settings\n" in outcome.err
    assert not (tmp_path / "rules.yaml").exists()


def test_what_is_not_there_or_not_known_is_refused(newshole: Newshole, export: Path) -> None:
    missing = "cannot read nothing.txt: No such file or directory; give the file of an export"
    refused(newshole("import", "ad-inserter", "nothing.txt"), missing)
    refused(newshole("import", "wordads", export), 'nothing is known of "wordads": give ad-inserter')


def test_no_name_in_an_export_steers_the_terminal(newshole: Newshole, tmp_path: Path) -> None:
    file = tmp_path / "export.txt"
    file.write_bytes(exported({1: {"code": "\x1b[2J", "name": "\x1b[31m", "later\x1b[31m": "1"}}))
    outcome = newshole("import", "ad-inserter", file)
    assert all(line.isprintable() for line in (outcome.text + outcome.err).split("\n"))
