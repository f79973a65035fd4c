"""`newshole console`: the console without the workers, and the hash of a password for it."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from newshole.cli.options.console import (
    ConfigOption,
    ConsoleOptions,
    console_asked,
    read_settings,
    tell_settings,
)
from newshole.cli.options.serving import KeptOptions, SiteOptions, given
from newshole.errors import UsageError

if TYPE_CHECKING:
    from newshole.serving.settings import Settings

PASSWORD: Final = "password"  # noqa: S105 - a word of the command line


def console(
    site: SiteOptions,
    kept: KeptOptions,
    beside: ConsoleOptions,
    word: Annotated[str | None, typer.Argument(metavar="WORD", hidden=True)] = None,
    config: ConfigOption = None,
) -> None:
    """Open the console without workers, or make a password's hash.

    It reads the settings that the workers are started with, and meets them in their Redis, or in their
    archive on the same machine. SIGTERM or Ctrl-C ends it, SIGHUP reads the settings again. A secret in
    NEWSHOLE_SECRET has to be the workers' own. With the word "password" it asks for a password twice and
    prints its hash, for console.users in the settings; where nothing is typed, it reads one line.

    \b
      newshole console --config serve.yaml
      newshole console password

    Exit codes: 0 at the end; 1 when settings are wrong or it cannot start; 2 when the port is taken or what
    was asked for cannot be had.
    """
    if word is not None:
        if word != PASSWORD:
            raise UsageError(
                f'"{word}" is none of its words: write "newshole console {PASSWORD}", or nothing'
            )
        typer.echo(_hash())
        return
    raise typer.Exit(_open(config, given(site, kept), beside))


def _open(config: Path | None, told: Mapping[str, object], beside: ConsoleOptions) -> int:
    import asyncio

    from newshole.serving.console.companion import run_alone
    from newshole.serving.console.preparing import publish_first
    from newshole.serving.listeners import address_of
    from newshole.serving.parent import listen_for_console
    from newshole.serving.settings import Console
    from newshole.serving.validation import SettingsError

    asked = console_asked(beside, is_here=True)

    def read() -> Settings:
        return publish_first(read_settings(config, told, asked))

    try:
        settings = read_settings(config, told, asked)
    except SettingsError as error:
        return tell_settings(error)
    with listen_for_console(settings.console or Console()) as listener:
        address = address_of(*listener.getsockname()[:2])

        def announce() -> None:
            typer.echo(f"The console is open at {address}/_newshole/\n{_ending()}")

        code = asyncio.run(run_alone(publish_first(settings), listener, read, announce))
    if code == 0:
        typer.echo("The console has ended.")
    return code


def _ending() -> str:
    return f"SIGHUP to process {os.getpid()} reads its settings again. Ctrl-C or SIGTERM ends it."


def _hash() -> str:
    """The hash of a password that is typed twice, or that comes in a line. Raises UsageError."""
    from newshole.serving.console.passwords import SHORTEST, hash_of

    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if password and getpass.getpass("Once more: ") != password:
            raise UsageError("the two are not the same: try again")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST:
        raise UsageError(
            f"a password needs {SHORTEST} characters at least: take a few words that have no tie"
        )
    return hash_of(password)
