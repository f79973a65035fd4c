"""The command as a whole: its help, its exit codes, and what becomes of it when streams close or users go."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from newshole import __version__
from newshole.cli import app, main
from tests.cli.conftest import RULES, STORY, Newshole, Outcome, asked
from tests.waiting import PATIENCE

HEADINGS = {
    "To see what it does": "demo",
    "To serve a site": "serve console",
    "To write rules": "check explain compose diff price schema import",
    "To publish them": "publish stage resume approve decline approval versions rollback",
    "To run the site": "switch switches purge library log",
    "To look at its pages": "why overlay audit measure token",
    "To experiment": "simulate events report",
}
COMMANDS = tuple(" ".join(HEADINGS.values()).split())
NEWSHOLE = (sys.executable, "-m", "newshole")


def shell(command: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A shell command, in which "$@" stands for newshole with the arguments."""
    return subprocess.run(
        ["bash", "-c", command, "bash", *NEWSHOLE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_version_is_printed(newshole: Newshole) -> None:
    assert newshole("--version") == Outcome(0, f"newshole {__version__}\n".encode(), "")


def test_the_console_script_is_this_one() -> None:
    (script,) = entry_points(group="console_scripts", name="newshole")
    assert script.load() is main


def test_every_command_is_listed() -> None:
    assert tuple(each.name for each in app.registered_commands) == COMMANDS


def test_help_lists_the_commands_by_what_one_wants_with_whole_sentences(newshole: Newshole) -> None:
    outcome = newshole("--help")
    assert outcome.code == 0
    for heading, commands in HEADINGS.items():
        listed = outcome.text.split(f"\n{heading}:\n")[1].split("\n\n")[0].splitlines()
        assert [line.split()[0] for line in listed] == commands.split()
        assert all(line.endswith(".") and not line.endswith("...") for line in listed)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_has_an_example_and_its_exit_codes(newshole: Newshole, command: str) -> None:
    outcome = newshole(command, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert f"\n    newshole {command}" in outcome.text
    assert "Exit codes: 0 " in outcome.text
    assert max(map(len, outcome.text.splitlines())) <= 84


@pytest.mark.slow
def test_a_shell_is_shown_how_to_complete_commands_and_options() -> None:
    shown = shell('"$@"; true', "--show-completion")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "_NEWSHOLE_COMPLETE=complete_bash" in shown.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "offered"), [("newshole ro", "rollback"), ("newshole serve --plan-b", "--plan-budget")]
)
def test_what_is_begun_is_completed(typed: str, offered: str) -> None:
    begun = f"COMP_WORDS={typed!r} COMP_CWORD={typed.count(' ')} _NEWSHOLE_COMPLETE=complete_bash"
    done = shell(f'{begun} "$@"')
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [offered], "")


def test_without_a_command_the_help_comes(newshole: Newshole) -> None:
    outcome = newshole()
    assert outcome.code == 2
    assert outcome.text.startswith("Usage: newshole [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    ("arguments", "named", "command"),
    [
        (["fly"], "'fly'", "newshole"),
        (["--fly"], "--fly", "newshole"),
        (["compose"], "'PAGE'", "newshole compose"),
        (["explain", "a", "b"], "(b)", "newshole explain"),
        (["compose", "--rules"], "'--rules'", "newshole"),
        (["compose", "a", "--fly\x1b[31m"], r"--fly\x1b[31m", "newshole compose"),
        (["demo", "--port", "99999"], "'--port'", "newshole demo"),
        (["demo", "--port", "high"], "'--port'", "newshole demo"),
    ],
)
def test_a_wrong_command_line_is_told_in_a_line(
    newshole: Newshole, arguments: list[str], named: str, command: str
) -> None:
    outcome = newshole(*arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, b"", 1)
    assert outcome.err.startswith("newshole: ")
    assert named in outcome.err
    assert outcome.err.endswith(f"; see {command} --help\n")


def test_a_fault_of_newshole_is_told_in_a_line(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("nothing\nthere")

    monkeypatch.setattr("newshole.site.Site.load", fail)
    outcome = newshole("compose", STORY)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, b"", 1)
    told = (
        r"newshole: a fault of newshole itself, please report it: LookupError: nothing\nthere (test_main.py:"
    )
    assert outcome.err.startswith(told)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["compose", "explain"])
def test_a_reader_that_goes_is_no_fault(command: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(STORY.read_bytes() + b"<!-- long -->" * 100_000)
    done = shell('"$@" | true; echo "${PIPESTATUS[0]}"', command, page, "--rules", RULES)
    assert done.stdout == "141\n"
    assert "Error" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["schema", "explain", "compose"])
def test_a_full_disk_is_told_in_a_line(command: str) -> None:
    page = () if command == "schema" else (STORY, "--rules", RULES)
    done = shell('"$@" > /dev/full', command, *page)
    told = "newshole: cannot go on: No space left on device; mend that and try again\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("closed", "code", "told"),
    [
        (">&-", 0, f"newshole: {STORY}: placed inline-ad\n"),
        ("2>&-", 0, ""),
        (">&- 2>&- <&-", 0, ""),
    ],
)
def test_closed_streams_are_no_fault(closed: str, code: int, told: str) -> None:
    done = shell(f'"$@" {closed}', "compose", STORY, "--rules", RULES)
    assert (done.returncode, done.stderr) == (code, told)


@pytest.mark.slow
def test_a_closed_input_is_refused() -> None:
    done = shell('"$@" <&-', "compose", "-")
    assert done.returncode == 2
    assert (
        done.stderr == "newshole: cannot read standard input: it is closed; give an HTML file or an address\n"
    )


@pytest.mark.slow
def test_ctrl_c_is_quiet(web: str) -> None:
    asked.clear()
    with subprocess.Popen(
        [*NEWSHOLE, "compose", f"{web}/slow"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert asked.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (130, b"", b"")
