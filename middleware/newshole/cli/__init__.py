"""The command line: one file a command.

The server and what draws on terminals are imported by the commands that need them, when they run.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Final, NoReturn

import typer

from newshole import __version__
from newshole.cli.approval import approval
from newshole.cli.approve import approve
from newshole.cli.audit import audit
from newshole.cli.check import check
from newshole.cli.compose import compose
from newshole.cli.console import console
from newshole.cli.decline import decline
from newshole.cli.demo import demo
from newshole.cli.diff import diff
from newshole.cli.events import events
from newshole.cli.explain import explain
from newshole.cli.help import Command, Overview
from newshole.cli.import_ import import_
from newshole.cli.library import library
from newshole.cli.log import log
from newshole.cli.measure import measure
from newshole.cli.options.records import spread
from newshole.cli.overlay import overlay
from newshole.cli.price import price
from newshole.cli.publish import publish
from newshole.cli.purge import purge
from newshole.cli.report import report
from newshole.cli.resume import resume
from newshole.cli.rollback import rollback
from newshole.cli.schema import schema
from newshole.cli.serve import serve
from newshole.cli.simulate import simulate
from newshole.cli.stage import stage
from newshole.cli.switch import switch
from newshole.cli.switches import switches
from newshole.cli.terminal import OneLine, in_words, tell
from newshole.cli.token import token
from newshole.cli.versions import versions
from newshole.cli.why import why
from newshole.errors import RulesError, UsageError

WRONG: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

_LOG: Final = OneLine()

COMMANDS: Final = {
    "To see what it does": (demo,),
    "To serve a site": (serve, console),
    "To write rules": (check, explain, compose, diff, price, schema, import_),
    "To publish them": (publish, stage, resume, approve, decline, approval, versions, rollback),
    "To run the site": (switch, switches, purge, library, log),
    "To look at its pages": (why, overlay, audit, measure, token),
    "To experiment": (simulate, events, report),
}
"""Every command, by what one wants."""

app: Final = typer.Typer(cls=Overview, rich_markup_mode=None, pretty_exceptions_enable=False)
for heading, commands in COMMANDS.items():
    for command in commands:
        app.command(command.__name__.rstrip("_"), cls=Command, rich_help_panel=heading)(spread(command))


@app.callback(invoke_without_command=True)
def newshole(
    context: typer.Context,
    is_version_asked: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Put ads, follow calls and stories into a news site's article pages, by rules.

    "newshole COMMAND --help" tells of each command. RULES is a rules file, a folder of them or the name of a
    pack; without it, the pack "newspaper" serves.

    \b
      newshole demo
      newshole serve --upstream http://127.0.0.1:8080
      newshole explain story.html

    Exit codes: 0 when done, 1 when rules are wrong, 2 when what was asked for cannot be had.
    """
    if is_version_asked:
        typer.echo(f"newshole {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(WRONG_USE)


def main() -> NoReturn:
    """The console script: run what the command line asks for, and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command line without the program's name; the exit code."""
    _never_fail_to_print()
    logging.getLogger("newshole").addHandler(_LOG)
    try:
        done = app(args=list(arguments), prog_name="newshole", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as end:  # Typer's own way out: where a pipe is closed, and where a shell completes
        return _told(BrokenPipeError()) if isinstance(end.__context__, OSError) else int(end.code or 0)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever it is, it is told in one line
        return _told(error)
    return done if isinstance(done, int) else 0


def _told(error: BaseException) -> int:
    """Say what went wrong; the exit code."""
    match error:
        case RulesError():
            for problem in error.problems:
                tell(str(problem), prefix="")
            return WRONG
        case BrokenPipeError():
            _give_up_output()
            return PIPE_CLOSED
        case KeyboardInterrupt() | typer.Abort():
            return INTERRUPTED
        case UsageError():
            tell(str(error))
        case typer.TyperException():
            tell(_usage(error))
        case OSError():
            _give_up_output()
            tell(f"cannot go on: {error.strerror or error}; mend that and try again")
        case _:
            tell(f"a fault of newshole itself, please report it: {in_words(error)}")
            return WRONG
    return WRONG_USE


def _usage(error: typer.TyperException) -> str:
    """What is wrong with a command line, and where its help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "newshole"
    message = str(getattr(error, "format_message", error.__str__)())
    return f"{message.rstrip('.')}; see {command} --help"


def _give_up_output() -> None:
    """Python flushes standard output once more at its end, and would complain there."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _never_fail_to_print() -> None:
    """Letters that the terminal's encoding lacks are escaped; a closed stream swallows what it is given."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for good
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the same
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
