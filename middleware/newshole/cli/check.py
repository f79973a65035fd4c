"""`newshole check`: every mistake in rules, where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from newshole.cli.terminal import complain, printable

if TYPE_CHECKING:
    from newshole.rules.ruleset import Rules


def check(
    rules: Annotated[
        list[str], typer.Argument(metavar="RULES...", help="Rules files, folders of them, or packs' names.")
    ],
) -> None:
    """Check rules, and print every mistake as file:line:column: message, one a line.

    Where all is right, each site is told in one line.

    \b
      newshole check site-rules/
      newshole check news.yaml newspaper

    Exit codes: 0 when all is right; 1 when there are mistakes; 2 when there are no such rules.
    """
    from newshole.errors import RulesError, UsageError
    from newshole.rules.compile import load

    sites: list[Rules] = []
    problems: list[str] = []
    missing: list[str] = []
    for each in rules:
        try:
            sites += load(each)
        except RulesError as error:
            problems += map(str, error.problems)
        except UsageError as error:
            missing.append(str(error))
    for line in dict.fromkeys(problems) if problems or missing else map(_in_a_line, sites):
        typer.echo(printable(line), color=False)
    for message in missing:
        complain(message)
    raise typer.Exit(2 if missing else 1 if problems else 0)


def _in_a_line(rules: Rules) -> str:
    """A site: its name, its blocks, its hosts."""
    blocks = "1 block" if len(rules.blocks) == 1 else f"{len(rules.blocks)} blocks"
    hosts = ", ".join(rules.host_names) or "every host"
    return f"{rules.site}: {blocks}, for {hosts}"
