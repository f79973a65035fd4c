"""`newshole token`: a token with which operators see what visitors do not."""

from __future__ import annotations

import re
import time
from typing import Annotated, Final

import typer

from newshole.errors import UsageError
from newshole.http.links.forcing import arm_field
from newshole.http.operators import token as signed
from newshole.secrets import SECRET, read_secret

MOST_HOURS: Final = 24 * 31

_NAME: Final = re.compile("[a-z0-9][a-z0-9-]*")


def token(
    hours: Annotated[
        float, typer.Option("--hours", metavar="HOURS", help="How long it holds; a month at most.")
    ] = 8,
    arm: Annotated[
        str | None,
        typer.Option(
            "--arm",
            metavar="EXPERIMENT:ARM",
            help="Print the end of a link that shows this arm of an experiment.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print a token for operators, or a link to an arm of a test.

    It is signed with the secret in the environment variable NEWSHOLE_SECRET, the one that the site is
    started with. Sent as the request header X-Newshole-Token, it adds a Server-Timing header to the answer.
    With --arm it is a field for the query of a page's address: whoever opens that sees the page in this arm,
    which is kept nowhere and counts for nothing.

    \b
      newshole token --hours 1
      curl -sI -X GET -H "X-Newshole-Token: $(newshole token)" localhost:8000
      echo "https://news.example/world/story?$(newshole token --arm wider-gaps:wide)"

    Exit codes: 0 when it is printed, 2 when it cannot be made.
    """
    secret = read_secret()
    if not secret:
        raise UsageError(
            f"there is no secret to sign with: set {SECRET} to the one that the site is started with"
        )
    if not 0 < hours <= MOST_HOURS:
        raise UsageError(f"a token cannot hold for {hours:g} hours: give more than 0, {MOST_HOURS} at most")
    until = time.time() + hours * 3600
    if arm is None:
        typer.echo(signed(secret.encode(), until))
        return
    experiment, _, name = arm.partition(":")
    if not (_NAME.fullmatch(experiment) and _NAME.fullmatch(name)):
        raise UsageError(f'"{arm}" is no arm: give its experiment and its name, such as wider-gaps:wide')
    typer.echo(arm_field(secret.encode(), experiment, name, until))
