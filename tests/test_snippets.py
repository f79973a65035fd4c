"""Every snippet of the documentation is what it says it is: rules that are right, commands that there are,
code that runs or at least is code."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import typer
from ruamel.yaml import YAML

from newshole import RulesError, Site
from newshole.cli import app
from newshole.live.switch_file import read_switches
from newshole.serving.written import read_file

ROOT: Final = Path(__file__).parents[1]
FENCE: Final = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)

PROSE: Final = frozenset({"", "text", "csv", "html", "css", "vcl", "nginx"})
"""Languages of which nothing is checked here: what is printed (the tutorial's is compared with what commands
print, in `test_tutorial.py`), pages, and what runs in a cache (the files of `deploy/` do, in `tests/cdn`)."""

HELD_ELSEWHERE: Final = frozenset({"tutorial.md"})
"""Pages whose rules go over each other, step by step: `test_tutorial.py` holds them."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A fenced block of a page, and where it begins."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets(*languages: str) -> list[Snippet]:
    """Those in these languages, of all pages."""
    return [each for each in _all() if each.language in languages]


@cache
def _all() -> tuple[Snippet, ...]:
    pages = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    return tuple(each for page in pages for each in _of(page))


def _of(page: Path) -> Iterator[Snippet]:
    text = page.read_text("utf-8")
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Snippet(page, line, match[2].strip(), textwrap.dedent(match[3]))


def test_every_language_is_known() -> None:
    known = PROSE | {"yaml", "sh", "python", "json", "toml", "js", "php"}
    assert {each.language for each in _all()} <= known


@pytest.mark.parametrize("snippet", snippets("yaml"), ids=str)
def test_yaml_is_rules_settings_switches_or_services_that_are_right(snippet: Snippet, tmp_path: Path) -> None:
    file = tmp_path / "snippet.yaml"
    told = YAML(typ="safe").load(snippet.text)
    is_blocks = all(isinstance(each, dict) and "kind" in each for each in told.values())
    text = "blocks:\n" + textwrap.indent(snippet.text, "  ") if is_blocks else snippet.text
    file.write_text(text, "utf-8")
    if "services" in told:
        assert told["services"].keys() <= composed_services()
    elif told.keys() & {"upstream", "sites", "console"}:
        read_file(file)
    elif "off" in told:
        read_switches(file)
    elif snippet.page.name not in HELD_ELSEWHERE:
        check_rules(file)


def composed_services() -> set[str]:
    """Those of `docker-compose.yml`, which another file may only change."""
    return set(YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"])


def check_rules(file: Path) -> None:
    """See to it that rules are right, but for a file that they extend and a snippet does not have."""
    try:
        Site.load(file)
    except RulesError as error:
        if any("extends: no file" not in each.message for each in error.problems):
            raise


def command_lines() -> list[tuple[str, str]]:
    """Every line that calls newshole, with where it stands."""
    found = []
    for snippet in snippets("sh", "text", ""):
        joined = snippet.text.replace("\\\n", " ")
        for line in joined.splitlines():
            match = re.match(r"(?:\$ )?(?:[A-Z_]+=\S+ )*newshole (.*)", line.strip())
            if match and (snippet.language == "sh" or line.startswith("$ ")):
                found.append((str(snippet), match[1]))
    return found


@cache
def options() -> dict[str, set[str]]:
    """The options of each command."""
    group = typer.main.get_command(app)
    context = typer.Context(group)
    return {
        name: {
            option
            for parameter in group.get_command(context, name).params  # type: ignore[attr-defined]
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        for name in group.list_commands(context)  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize(("where", "line"), command_lines())
def test_commands_and_their_options_are_there(where: str, line: str) -> None:
    line = re.split(r" [|>#]|;|&&", f"{line} ", maxsplit=1)[0]
    command, *rest = line.split()
    if command.startswith("-") or command.isupper():
        return
    assert command in options(), f"{where}: no command {command}"
    asked = {word.partition("=")[0] for word in rest if word.startswith("--")}
    assert asked <= {*options()[command], "--help"}, f"{where}: newshole {line}"


@pytest.mark.parametrize("snippet", snippets("sh"), ids=str)
def test_shell_is_shell(snippet: Snippet) -> None:
    told = subprocess.run(["sh", "-n"], input=snippet.text, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("snippet", snippets("python"), ids=str)
def test_python_is_python(snippet: Snippet) -> None:
    compile(snippet.text, str(snippet), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("snippet", snippets("json"), ids=str)
def test_json_is_json(snippet: Snippet) -> None:
    json.loads(snippet.text)


@pytest.mark.parametrize("snippet", snippets("toml"), ids=str)
def test_toml_is_toml(snippet: Snippet) -> None:
    tomllib.loads(snippet.text)


@pytest.mark.skipif(shutil.which("php") is None, reason="needs Debian's php-cli")
@pytest.mark.parametrize("snippet", snippets("php"), ids=str)
def test_php_is_php(snippet: Snippet) -> None:
    told = subprocess.run(["php", "-l"], input=snippet.text, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("snippet", snippets("js"), ids=str)
def test_scripts_are_scripts(snippet: Snippet, tmp_path: Path) -> None:
    file = tmp_path / "snippet.mjs"
    file.write_text(snippet.text, "utf-8")
    told = subprocess.run(["node", "--check", file], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
