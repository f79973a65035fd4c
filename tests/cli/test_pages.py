"""Many pages at once: which there are, what becomes of those that cannot be had, and how one stops."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from newshole.cli.pages import Pages, Source
from newshole.errors import UsageError
from tests.cli.conftest import RULES, STORY, Newshole, asked
from tests.cli.test_main import NEWSHOLE
from tests.waiting import PATIENCE

MANY = ("diff", "price", "audit")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder of three pages and something else."""
    folder = tmp_path / "saved"
    (folder / "below").mkdir(parents=True)
    for name in ("b.html", "a.htm", "below/c.HTML", "notes.txt"):
        (folder / name).write_bytes(STORY.read_bytes())
    return folder


def command(name: str, *pages: str | Path) -> tuple[str | Path, ...]:
    rules = {"diff": (RULES, RULES), "price": (RULES,), "audit": ("--rules", RULES)}[name]
    return (name, *rules, *pages)


def names(pages: Pages) -> list[str]:
    return [Path(source.name).name for source in pages.sources]


def test_a_folder_holds_the_pages_below_it(saved: Path) -> None:
    assert names(Pages.of([str(saved)], [])) == ["a.htm", "b.html", "c.HTML"]


def test_a_pattern_names_the_files_that_it_matches(saved: Path) -> None:
    assert names(Pages.of([f"{saved}/*.html"], [])) == ["b.html"]
    assert names(Pages.of([f"{saved}/**/*.H*"], [])) == ["c.HTML"]


def test_a_page_that_is_named_twice_is_one(saved: Path) -> None:
    assert names(Pages.of([str(saved), f"{saved}/*.html", f"{saved}/b.html"], [])) == [
        "a.htm",
        "b.html",
        "c.HTML",
    ]


def test_a_list_holds_addresses_and_files_with_theirs(tmp_path: Path) -> None:
    urls = tmp_path / "urls.txt"
    urls.write_text(
        "\ufeff# the live site\n\nhttps://news.example/a\n"
        "a page.html https://news.example/b\nc.html\thttps://news.example/c\nd.html\n",
        "utf-8",
    )
    assert Pages.of([], [str(urls)]).sources == [
        Source("https://news.example/a"),
        Source("a page.html", "https://news.example/b"),
        Source("c.html", "https://news.example/c"),
        Source("d.html"),
    ]


def test_no_pages_at_all_are_refused() -> None:
    with pytest.raises(UsageError, match=r"^no pages: give HTML files, folders, addresses"):
        Pages.of([], [])


@pytest.mark.parametrize("name", MANY)
def test_what_cannot_be_had_is_told_while_the_others_go_on(
    newshole: Newshole, tmp_path: Path, name: str
) -> None:
    empty, urls = tmp_path / "empty", tmp_path / "urls.txt"
    empty.mkdir()
    urls.write_text(f"https://\n{STORY}\nno.html http:///\n", "utf-8")
    pages = (tmp_path / "no.html", STORY, f"{tmp_path}/*.no", empty)
    outcome = newshole(*command(name, *pages), "--urls", urls, "--urls", tmp_path / "no.txt", "--json")
    told = json.loads(outcome.text)["pages"]
    assert (outcome.code, told if isinstance(told, int) else len(told)) == (2, 1)
    no_list = f"cannot read the list {tmp_path}/no.txt: No such file or directory"
    give = "is no address of a page: give one like https://news.example/story"
    assert sorted(outcome.err.splitlines()) == sorted(
        f"newshole: {line}"
        for line in (
            f"cannot read {tmp_path}/no.html: No such file or directory; give an HTML file, an address or -",
            f"no pages like {tmp_path}/*.no: give a pattern that files match",
            f"no pages in the folder {empty}: it holds no .html file",
            f"{urls}:1: https:// {give}",
            f"{urls}:3: http:/// {give}",
            f"{no_list}; give a file with an address a line",
        )
    )


@pytest.mark.parametrize("name", MANY)
def test_where_no_page_can_be_had_nothing_is_printed(newshole: Newshole, tmp_path: Path, name: str) -> None:
    outcome = newshole(*command(name, tmp_path / "no.html"))
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, b"", 1)


@pytest.mark.parametrize("name", MANY)
def test_pages_are_fetched(newshole: Newshole, web: str, name: str) -> None:
    outcome = newshole(*command(name, f"{web}/story", f"{web}/none"))
    assert outcome.code == 2
    assert outcome.err == f"newshole: {web}/none answers with status 404: give the address of a page\n"
    assert outcome.text


@pytest.mark.parametrize("name", MANY)
def test_no_byte_of_a_page_or_its_name_steers_the_terminal(
    newshole: Newshole, tmp_path: Path, name: str
) -> None:
    page = tmp_path / "\x1b[31mpage\u202e.html"
    page.write_bytes(STORY.read_bytes().replace(b"Old bridge", b"\x1b]0;owned\x07 [red]bold[/]"))
    for arguments in ((page,), (page, STORY), (page, "--json")):
        outcome = newshole(*command(name, *arguments), *(["--device", "mobile"]))
        assert outcome.code == 0
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", outcome.text)


@pytest.mark.parametrize("name", MANY)
def test_wrong_rules_are_told_before_any_page_is_read(newshole: Newshole, tmp_path: Path, name: str) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("blox: {}\n", "utf-8")
    arguments = [rules if each == RULES else each for each in command(name, tmp_path / "no.html")]
    outcome = newshole(*arguments)
    assert (outcome.code, outcome.out) == (1, b"")
    assert outcome.err == f'{rules}:1:1: blox: unknown key; did you mean "blocks"?\n'


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_ctrl_c_leaves_cleanly(web: str, name: str) -> None:
    asked.clear()
    arguments = map(str, command(name, f"{web}/slow", STORY))
    with subprocess.Popen([*NEWSHOLE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert asked.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.slow
def test_ctrl_c_takes_the_bar_away_and_gives_the_cursor_back(web: str) -> None:
    asked.clear()
    with _errors_on_a_terminal("audit", f"{web}/slow", str(STORY)) as (process, terminal):
        assert asked.wait(30)
        process.send_signal(signal.SIGINT)
        written = _all_of(terminal)
        assert process.wait(30) == 130
    assert written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l") > -1


@pytest.mark.slow
def test_a_bar_is_for_terminals_only(saved: Path) -> None:
    with _errors_on_a_terminal("audit", str(saved)) as (process, terminal):
        written = _all_of(terminal)
        assert process.wait(30) == 0
    assert re.search(r"pages .*3/3", re.sub(r"\x1b\[[0-9;]*m", "", written))
    piped = subprocess.run([*NEWSHOLE, "audit", str(saved)], capture_output=True, check=True)
    assert piped.stderr == b""


@contextmanager
def _errors_on_a_terminal(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A command whose standard error is a terminal, and the other end of that."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80"}
    with subprocess.Popen(
        [*NEWSHOLE, *arguments], stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        yield process, ours
    os.close(ours)


def _all_of(terminal: int) -> str:
    written = b""
    with suppress(OSError):  # Linux's end of file on a terminal
        while part := os.read(terminal, 65536):
            written += part
    return written.decode("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_a_hundred_real_pages_are_all_told_of(shared: Path, tmp_path: Path, name: str) -> None:
    index: dict[str, Any] = json.loads((shared / "corpus" / "news" / "index.json").read_text("utf-8"))
    folder = shared / "corpus" / "news"
    urls = tmp_path / "urls.txt"
    known = [(page, entry["url"]) for page, entry in sorted(index.items()) if "://" in entry["url"]]
    urls.write_text("\n".join(f"{folder / page}\t{url}" for page, url in known[:100]), "utf-8")
    rules = {"diff": ("newspaper", "quiet"), "price": ("newspaper", "--conditions"), "audit": ()}[name]
    done = subprocess.run(
        [*NEWSHOLE, name, *rules, "--urls", str(urls), "--json"], capture_output=True, check=True, timeout=600
    )
    told = json.loads(done.stdout)
    assert (told["pages"] + sum(told["untouched"].values()) if name == "price" else len(told["pages"])) == 100
