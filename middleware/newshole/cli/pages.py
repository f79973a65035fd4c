"""Many pages that a command was asked to look at: files, folders of them, patterns, addresses, lists."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from glob import glob, has_magic
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import typer

from newshole.cli.page import check_address, read_page
from newshole.cli.terminal import tell
from newshole.errors import UsageError
from newshole.explaining.page import Page

HTML: Final = (".html", ".htm")
"""What a page's file is called in a folder."""


class Source(NamedTuple):
    """Where a page is; `url` is its address where a list says so."""

    name: str
    url: str | None = None


class _Line(NamedTuple):
    """A line of a list, and where it stands."""

    name: str
    number: int
    text: str


Asked = TypeVar("Asked")
Found = TypeVar("Found")


@dataclass(slots=True)
class Pages:
    """The pages that were asked for.

    What cannot be had is told on standard error, a line each, while the others go on; `failed` counts it.
    """

    sources: list[Source] = field(default_factory=list)
    failed: int = 0

    @classmethod
    def of(cls, asked: Sequence[str], lists: Sequence[str]) -> Pages:
        """The pages of the command line. Raises UsageError where none was asked for."""
        if not asked and not lists:
            raise UsageError("no pages: give HTML files, folders, addresses, or a list of them with --urls")
        pages = cls()
        found = [pages.had(_named, name) for name in asked]
        lines = chain.from_iterable([pages.had(_lines, name) for name in lists])
        found += [pages.had(_of_line, line) for line in lines]
        pages.sources = list(dict.fromkeys(chain.from_iterable(found)))
        return pages

    def had(self, find: Callable[[Asked], list[Found]], asked: Asked) -> list[Found]:
        """What is found where it is asked for; nothing where it cannot be had, which is told."""
        try:
            return find(asked)
        except UsageError as error:
            self._tell(error)
            return []

    def read(self) -> Iterator[Page]:
        """Every page that can be had, one after the other, with a bar where standard error is a terminal."""
        with _bar(len(self.sources)) as advance:
            for source in self.sources:
                try:
                    page = read_page(source.name, source.url)
                except UsageError as error:
                    self._tell(error)
                else:
                    yield page
                advance()

    def end(self, code: int = 0) -> None:
        """Exit with 2 where a page could not be had, else with `code` where it is not 0."""
        if self.failed or code:
            raise typer.Exit(2 if self.failed else code)

    def _tell(self, error: UsageError) -> None:
        self.failed += 1
        tell(str(error))


def _named(name: str) -> list[Source]:
    """The pages of one argument."""
    if name == "-" or "://" in name:
        return [Source(name)]
    path = Path(name)
    try:
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix.lower() in HTML)
            if not found:
                raise UsageError(f"no pages in the folder {name}: it holds no .html file")
            return [Source(str(file)) for file in found]
        if has_magic(name) and not path.exists():
            # Unlike Path.glob, it takes a pattern that begins at the root.
            matched = sorted(filter(os.path.isfile, glob(name, recursive=True)))  # noqa: PTH207
            if not matched:
                raise UsageError(f"no pages like {name}: give a pattern that files match")
            return [Source(each) for each in matched]
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot look into {name}: {error}; give HTML files, folders or addresses"
        ) from error
    return [Source(name)]


def _lines(name: str) -> list[_Line]:
    """The lines of a list that name a page."""
    try:
        text = Path(name).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageError(f"cannot read the list {name}: {why}; give a file with an address a line") from error
    lines = (_Line(name, number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    found = [line for line in lines if line.text and not line.text.startswith("#")]
    if not found:
        raise UsageError(f"no pages in the list {name}: give a file with an address a line")
    return found


def _of_line(line: _Line) -> list[Source]:
    """The page of a line: an address, or a file and behind it its address."""
    source, _, url = map(str.strip, line.text.partition("\t"))
    if not url:
        before, _, last = source.rpartition(" ")
        if before and "://" in last:
            source, url = before.strip(), last
    try:
        for address in filter(None, (source if "://" in source else "", url)):
            check_address(address)
    except UsageError as error:
        raise UsageError(f"{line.name}:{line.number}: {error}") from error
    return [Source(source, url or None)]


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error, which is gone at the end; none where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("pages"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = console.is_terminal and total > 1
    with Progress(*columns, console=console, transient=True, disable=not shown) as progress:
        task = progress.add_task("pages", total=total)
        yield lambda: progress.advance(task)
