"""The tutorial can be followed: its rules load, its commands say what it shows, and it ends where it says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from newshole.rules.compile import load
from tests.cli.conftest import Newshole, newshole
from tests.cli.test_main import COMMANDS

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
FILES: Final = DOCS / "tutorial"
PAGE: Final = (DOCS / "tutorial.md").read_text("utf-8")
STEPS: Final = re.findall(r"^## (\d+)\. .*\n((?:(?!^## )(?:.*\n))*)", PAGE, re.MULTILINE)
FENCED: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND: Final = re.compile(r"^```sh\nnewshole (.*)\n```\n\n(?:```text\n((?:.*\n)*?)```$)?", re.MULTILINE)
NAMED: Final = re.compile(r"# (\S+\.yaml)\n")


__all__ = ["newshole"]
"""The fixture, which pytest finds by its name."""


def written(text: str, language: str) -> list[str]:
    return [body for found, body in FENCED.findall(text) if found == language]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tutorial's folder, as the current one."""
    copied = Path(shutil.copytree(FILES, tmp_path / "tutorial"))
    monkeypatch.chdir(copied)
    return copied


def meaning(file: Path) -> dict[str, str]:
    """What the rules of a file say, in words: conditions have functions in them, which are never equal."""
    [rules] = load(file)
    parts = {block.path: repr(block) for block in rules.blocks}
    parts |= {part: repr(getattr(rules, part)) for part in ("layout", "overrides", "metrics", "sensitivity")}
    parts |= {"site": rules.site, "timezone": rules.timezone, "telling": repr(rules.telling)}
    return {part: re.sub(r" at 0x[0-9a-f]+", "", said) for part, said in parts.items()}


def shown(output: str) -> re.Pattern[str]:
    """What the output must be: line by line the same, a line with nothing but "…" standing for any others."""
    lines = [r"(?:.*\n)*?" if line == "…\n" else re.escape(line) for line in output.splitlines(keepends=True)]
    return re.compile("".join(lines))


def test_there_are_ten_steps_with_a_file_each() -> None:
    assert [int(number) for number, _ in STEPS] == list(range(1, 11))
    assert {file.name for file in FILES.glob("step-*.yaml")} == {f"step-{n}.yaml" for n in range(1, 11)}


@pytest.mark.parametrize(("number", "text"), STEPS)
def test_a_step_changes_just_what_it_shows(folder: Path, number: str, text: str) -> None:
    [change] = [each for each in written(text, "yaml") if not NAMED.match(each)]
    before = "" if number == "1" else f"extends: step-{int(number) - 1}.yaml\n"
    (folder / "changed.yaml").write_text(before + change, "utf-8")
    assert meaning(folder / "changed.yaml") == meaning(folder / f"step-{number}.yaml")


@pytest.mark.parametrize("snippet", [each for each in written(PAGE, "yaml") if NAMED.match(each)])
def test_a_file_that_is_shown_whole_is_in_the_folder(snippet: str) -> None:
    found = NAMED.match(snippet)
    assert found is not None
    assert (FILES / found[1]).read_text("utf-8") == snippet


def test_the_table_of_values_is_in_the_folder() -> None:
    assert written(PAGE, "csv") == [(FILES / "values.csv").read_text("utf-8")]


def test_the_page_of_a_storys_own_word_has_that_line_beside_the_obituary() -> None:
    [line] = written(PAGE, "html")
    page = (FILES / "own-word.html").read_text("utf-8")
    assert page.replace(line, "") == (FILES / "pages" / "obituary.html").read_text("utf-8")
    assert line in page


def test_it_ends_with_the_whole_file() -> None:
    assert written(PAGE, "yaml")[-1] == (FILES / "step-10.yaml").read_text("utf-8")


@pytest.mark.parametrize(("line", "output"), COMMAND.findall(PAGE))
@pytest.mark.usefixtures("folder")
def test_a_command_says_what_is_shown(newshole: Newshole, line: str, output: str) -> None:
    if line.startswith("measure "):
        assert newshole("measure", "--help").code == 0  # it would need a browser
        return
    outcome = newshole(*line.split())
    assert outcome.code == (1 if "typo.yaml" in line else 0)
    assert shown(output).fullmatch(outcome.text + outcome.err)


IN_PRODUCTION = {
    "serve", "console", "log", "library", "publish", "versions", "rollback", "switch", "switches", "purge",
    "events", "report", "simulate", "stage", "resume", "approve", "approval", "decline", "overlay", "why",
}  # fmt: skip
"""What pages of the docs tell of: serving, console, publishing, switches, shadow, cdn and report."""


def test_no_command_is_left_untried() -> None:
    lines = [line for block in written(PAGE, "sh") for line in block.splitlines()]
    assert [line for line in lines if line not in (". .venv/bin/activate", "cd docs/tutorial")] == [
        f"newshole {line}" for line, _ in COMMAND.findall(PAGE)
    ]
    assert all(output or line.startswith("measure ") for line, output in COMMAND.findall(PAGE))
    used = {line.split()[0] for line, _ in COMMAND.findall(PAGE)}
    assert used == set(COMMANDS) - {"demo", "schema", "import", "token"} - IN_PRODUCTION


def test_every_file_of_the_folder_is_used() -> None:
    for file in FILES.rglob("*.*"):
        name = str(file.relative_to(FILES))
        assert file.suffix == ".yaml" or file.parent.name == "pages" or name in PAGE, name
        assert file.suffix != ".yaml" or name in PAGE or name.startswith("step-"), name


def test_a_shortened_output_hides_no_other_line() -> None:
    assert shown("a\n…\nc\n").fullmatch("a\nb\nb\nc\n")
    assert not shown("a\nc\n").fullmatch("a\nb\nc\n")
    assert not shown("a\n…\nc\n").fullmatch("a\nb\nd\n")
