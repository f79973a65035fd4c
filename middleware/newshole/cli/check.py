"""`newshole check`: every mistake in rules, where it stands."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from newshole.blocks.labels import label_reminders
from newshole.blocks.unspoken import unspoken
from newshole.cli.options.pages import RulesArguments
from newshole.cli.terminal import printable, tell
from newshole.errors import Problem, RulesError, UsageError
from newshole.rules.compile import load
from newshole.rules.continuity import broken_experiments
from newshole.rules.costs import costs, reminders
from newshole.rules.ruleset import Rules

AgainstOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="OLD",
        help="The rules in service: say what would break the experiments that run by them.",
        show_default=False,
    ),
]


def check(rules: RulesArguments, against: AgainstOption = None) -> None:
    """Print every mistake in rules, with its place.

    RULES are rules files, folders of them, or packs' names. A mistake is a line of standard output,
    file:line:column: message. Where all is right, each site is told in one line, and below it, indented,
    what its pages vary by, what that costs in front of a CDN, when they change by themselves, what the ad
    server has to know of sensitive stories, labels that the ad policies do not allow, and which words stay
    English in a language that newshole does not speak. With --against, what would break experiments that
    run by the rules in service is a mistake too.

    \b
      newshole check site-rules/
      newshole check news.yaml newspaper
      newshole check site-rules/ --against site-rules-of-today/

    Exit codes: 0 when all is right; 1 when there are mistakes; 2 when there are no such rules.
    """
    in_service = () if against is None else load(against)
    sites: list[Rules] = []
    problems: set[Problem] = set()
    missing: list[str] = []
    for each in rules:
        try:
            sites += load(each)
        except RulesError as error:
            problems.update(error.problems)
        except UsageError as error:
            missing.append(str(error))
    broken = [] if problems or missing else broken_experiments(in_service, sites)
    told = (line for site in sites for line in _told(site))
    lines = map(str, sorted(problems)) if problems or missing else broken or told
    for line in lines:
        typer.echo(printable(line))
    for message in missing:
        tell(message)
    raise typer.Exit(2 if missing else 1 if problems or broken else 0)


def _told(rules: Rules) -> list[str]:
    """A site in a line, and below it what it costs and asks for elsewhere."""
    below = (*costs(rules), *reminders(rules), *label_reminders(rules), *unspoken(rules))
    return [_in_a_line(rules), *(f"  {each}" for each in below)]


def _in_a_line(rules: Rules) -> str:
    """A site: its file, its name, its blocks, its hosts."""
    blocks = "1 block" if len(rules.blocks) == 1 else f"{len(rules.blocks)} blocks"
    hosts = ", ".join(rules.host_names) or "every host"
    return f"{rules.name}: ok, {rules.site}, {blocks}, for {hosts}"
