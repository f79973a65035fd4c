"""What the commands share that read the settings of sites and open a console for them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from newshole.cli.terminal import tell
from newshole.cli.token import SECRET

if TYPE_CHECKING:
    from newshole.serving.console.preparing import Asked
    from newshole.serving.settings import Settings
    from newshole.serving.validation import SettingsError

WRONG: Final = 1
WRONG_USE: Final = 2

ConsolePortOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--console-port",
        min=0,
        max=65535,
        metavar="PORT",
        envvar="NEWSHOLE_CONSOLE_PORT",
        help="The console's port.  [default: 8002]",
        show_default=False,
    ),
]
ConsoleHostOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--console-host",
        metavar="HOST",
        envvar="NEWSHOLE_CONSOLE_HOST",
        help="The address of that port.  [default: 127.0.0.1]",
        show_default=False,
    ),
]


def console_asked(*, is_here: bool, port: int | None, host: str | None) -> Asked:
    """What the command line and the environment say of the console."""
    from newshole.serving.console.preparing import PASSWORD, Asked

    return Asked(is_here, host, port, os.environ.get(PASSWORD))


def read_settings(config: Path | None, given: Mapping[str, object], asked: Asked) -> Settings:
    """The settings of a file with those of the command line over them, and nothing wrong with any.

    Raises RulesError, SettingsError and UsageError.
    """
    from newshole.serving import written
    from newshole.serving.console.preparing import with_console
    from newshole.serving.validation import validate

    base = written.ServeWritten() if config is None else written.read_file(config)
    settings = written.settings_of(written.over(base, given), secret=os.environ.get(SECRET, ""))
    settings = with_console(settings, asked)
    validate(settings)
    return settings


def tell_settings(error: SettingsError) -> int:
    """Say everything that is wrong with settings; the exit code."""
    for problem in error.problems:
        tell(str(problem), prefix="")
    for mistake in error.mistakes:
        tell(mistake)
    return WRONG if error.problems else WRONG_USE
