"""The command line: one file a command.

What a command needs of the rest of newshole is imported when it runs, so that help and version come at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Final, NoReturn

import typer

from newshole.cli.check import check
from newshole.cli.compose import compose
from newshole.cli.demo import demo
from newshole.cli.explain import explain
from newshole.cli.schema import schema
from newshole.cli.terminal import complain
from newshole.errors import RulesError, UsageError

WRONG_RULES: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

app: Final = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
for command in (demo, compose, explain, check, schema):
    app.command()(command)


@app.callback(invoke_without_command=True)
def newshole(
    context: typer.Context,
    is_version_asked: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Put ads, follow calls and stories into a news site's article pages, by rules.

    "newshole COMMAND --help" tells of each command. RULES is a rules file, a folder of them or the name of a
    pack; without it, the pack "newspaper" serves.

    Exit codes: 0 when done, 1 when rules are wrong, 2 when what was asked for cannot be had.
    """
    if is_version_asked:
        typer.echo(f"newshole {version('newshole')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(WRONG_USE)


def main() -> NoReturn:
    """The console script: run what the command line asks for, and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command line without the program's name; the exit code."""
    _never_fail_to_print()
    try:
        done = app(args=list(arguments), prog_name="newshole", standalone_mode=False)
        sys.stdout.flush()
    except RulesError as error:
        for problem in error.problems:
            complain(str(problem), prefix="")
        return WRONG_RULES
    except (UsageError, typer.TyperException) as error:
        complain(str(error))
        return WRONG_USE
    except BrokenPipeError:
        # Python flushes once more at its end, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return done if isinstance(done, int) else 0


def _never_fail_to_print() -> None:
    """Letters that the terminal's encoding lacks are escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
