"""Help in plain text, its options and commands under headings, with the environment at its end.

Typer draws panels around them where Rich may draw; in 80 columns those leave too little room for sentences,
and what is copied out of a box is no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click import HelpFormatter  # Typer names them nowhere public

OPTIONS: Final = "Options"
MOST_NAMED: Final = 8
"""Environment variables whose names are all told."""

Rows = dict[str, list[tuple[str, str]]]


class Command(TyperCommand):
    """A command whose help has its options under their headings, after those without one."""

    def format_options(self, ctx: typer.Context, formatter: HelpFormatter) -> None:  # type: ignore[override]  # Typer's own subclass
        parameters = self.get_params(ctx)
        rows: Rows = {OPTIONS: []}
        for each in parameters:
            found = each.get_help_record(ctx)
            if found is not None:
                rows.setdefault(getattr(each, "rich_help_panel", None) or OPTIONS, []).append(found)
        _write(rows, formatter)
        variables = [each.envvar for each in parameters if isinstance(each.envvar, str)]
        if variables:
            with formatter.section("Environment, for options that are not given"):
                formatter.write_text(_in_words(variables))


class Overview(TyperGroup):
    """The list of all commands, under the headings of those whom they are for."""

    def format_commands(self, ctx: typer.Context, formatter: HelpFormatter) -> None:  # type: ignore[override]  # Typer's own subclass
        del ctx
        rows: Rows = {}
        for name, command in self.commands.items():
            heading = getattr(command, "rich_help_panel", None) or OPTIONS
            rows.setdefault(heading, []).append((name, command.get_short_help_str(formatter.width)))
        _write(rows, formatter)


def _write(rows: Rows, formatter: HelpFormatter) -> None:
    for heading, found in rows.items():
        with formatter.section(heading):
            formatter.write_dl(found)


def _in_words(variables: Sequence[str]) -> str:
    """The environment variables by name, or by the rule for their names where they are many."""
    if len(variables) <= MOST_NAMED:
        return ", ".join(variables)
    return f"NEWSHOLE_ and the option's name, such as {variables[0]}; of several values, spaces between them"
