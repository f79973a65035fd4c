"""Tables on standard output, for commands that look at many pages.

All that comes from pages or rules passes through `printable`, so that nothing steers the terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from newshole.cli.terminal import printable

WIDEST: Final = 120
PIPED: Final = 80
"""Columns: at most on a terminal, and where there is none."""


class Screen(Console):
    """Standard output, in colour where it is a terminal; it leaves a closed pipe to its caller."""

    def __init__(self, widest: int = WIDEST) -> None:
        super().__init__(markup=False, highlight=False, emoji=False)
        self.width = min(self.width, widest) if self.is_terminal else PIPED

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    def say(self, text: str | Text = "", *, style: str = "", indent: int = 0, hang: int = 4) -> None:
        """Print a text, wrapped, with every line indented, those after the first by `hang` more."""
        told = Text(printable(text), style=style) if isinstance(text, str) else text
        told.rstrip()
        for n, line in enumerate(told.wrap(self, max(self.width - indent - hang, 1)) or [Text()]):
            line.rstrip()
            self.print(
                Text(" " * (indent + hang * (n > 0))).append_text(line), no_wrap=True, overflow="ignore"
            )

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table; the first column takes what room is left, and is cut at its front, where addresses and
        files are most alike. A head that ends with ">" stands to the right, as its numbers do. Of all other
        columns nothing is cut: where there is no room, the widest are broken into lines."""
        listed = [[*map(printable, row)] for row in rows]
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        for head in heads:
            is_number, is_first = head.endswith(">"), not table.columns
            table.add_column(
                Text(head.removesuffix(">")),
                justify="right" if is_number else "left",
                no_wrap=is_number or is_first,
                overflow="ellipsis" if is_number or is_first else "fold",
            )
        widths = [max(map(cell_len, column)) for column in zip(heads, *listed, strict=True)]
        rest = sum(width + 2 for width in widths[1:])
        room = max(self.width - rest, 16)
        for row in listed:
            table.add_row(Text(_fitted(row[0], room)), *map(Text, row[1:]))
        with self.capture() as captured:
            self.print(table)
        for line in captured.get().splitlines():
            self.print(Text.from_ansi(line.rstrip()), no_wrap=True, overflow="ignore")


def _fitted(text: str, room: int) -> str:
    """The end of a text, as much as there is room for."""
    if cell_len(text) <= room:
        return text
    while cell_len(text) >= room:
        text = text[1:]
    return f"…{text}"


def write_json(document: object) -> None:
    """One JSON document in ASCII without DEL, so that no page can steer the terminal."""
    typer.echo(json.dumps(plain(document), indent=2).replace("\x7f", "\\u007f"))


def plain(value: Any) -> Any:  # noqa: ANN401 - any part of a document
    """The same as JSON has it: moments in ISO 8601, and no more digits than a figure tells."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value
