"""`docs/cli.md` tells of every command, option, reason and code, and of none that there is not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import newshole
from newshole.explaining.untouched import UNTOUCHED, left_untouched
from tests.cli.conftest import Newshole
from tests.cli.test_main import COMMANDS

PACKAGE = Path(newshole.__file__).parent
DOCS = (PACKAGE.parents[1] / "docs" / "cli.md").read_text("utf-8")
FAULTS = {f"{stage}-fault" for stage in ("read", "plan", "render", "proof", "splice")}


def rows(heading: str) -> set[str]:
    """What stands in the first column of the table under a heading row."""
    table = DOCS.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    first = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    return {each for cell in first for each in re.findall(r"`([^`]+)`", cell)}


def test_every_command_has_a_chapter() -> None:
    assert sorted(re.findall(r"^## newshole (\w+)$", DOCS, re.MULTILINE)) == sorted(COMMANDS)


def test_every_command_is_in_the_list_and_leads_to_its_chapter() -> None:
    listed = re.findall(r"^\|[^|]*\| \[`newshole (\w+)`\]\(#newshole-(\w+)\) \|", DOCS, re.MULTILINE)
    assert sorted(listed) == sorted((each, each) for each in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented(newshole: Newshole, command: str) -> None:
    options = set(re.findall(r"--[a-z]+", newshole(command, "--help").text)) - {"--help"}
    assert options <= set(re.findall(r"--[a-z]+", DOCS))


def test_every_command_line_of_the_documentation_is_understood(newshole: Newshole) -> None:
    for line in re.findall(r"^newshole .*$", DOCS, re.MULTILINE):
        assert newshole(*line.split()[1:2], "--help").code == 0


def test_every_reason_for_an_untouched_page_is_documented() -> None:
    assert rows("left untouched") == set(UNTOUCHED) | FAULTS


def test_every_reason_of_the_engine_is_known_in_words() -> None:
    raised = {*_texts(PACKAGE / "composing.py", "Untouched"), *_texts(PACKAGE / "site.py", "Composition")}
    refusals = set(_texts(PACKAGE / "page" / "prescan.py", "Prescan"))
    assert refusals >= {"empty", "binary", "amp"}
    assert raised | refusals == set(UNTOUCHED)


def test_a_fault_has_words_too() -> None:
    told = left_untouched("plan-fault", "")
    assert told == "is left untouched (plan-fault): newshole itself failed, please report it"


def test_every_code_of_a_reason_is_documented() -> None:
    modules = [
        PACKAGE / "rendering.py",
        PACKAGE / "rules" / "targeting.py",
        PACKAGE / "rules" / "ruleset.py",
        PACKAGE / "rules" / "sensitivity.py",
        PACKAGE / "rules" / "switches.py",
        *(PACKAGE / "plan").glob("*.py"),
    ]
    codes = {code for module in modules for code in _texts(module, "Reason", "_short", "_reached")}
    assert codes
    # These are made of the kind of a unit, or passed on.
    assert rows("code of a reason") == codes | {"before-…", "after-…", "gap", "ads-apart"}


def _source(path: str) -> str:
    return (PACKAGE / path).read_text("utf-8")


def _texts(module: Path, *functions: str) -> Iterator[str]:
    """The first text that each call of these functions names."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            values = (*node.args, *(keyword.value for keyword in node.keywords))
            texts = (each.value for each in values if isinstance(each, ast.Constant))
            yield from [text for text in texts if isinstance(text, str)][:1]
