"""`newshole token`: a token with which operators see what visitors do not."""

from __future__ import annotations

import os
import time
from typing import Annotated, Final

import typer

from newshole.errors import UsageError
from newshole.http.operators import token as signed

SECRET: Final = "NEWSHOLE_SECRET"  # noqa: S105 - the name of a variable
MOST_HOURS: Final = 24 * 31


def token(
    hours: Annotated[float, typer.Option("--hours", help="How long it holds; a month at most.")] = 8,
) -> None:
    """Print a token with which operators see what was done.

    It is signed with the secret in the environment variable NEWSHOLE_SECRET, the one that the site is
    started with. Sent as the request header X-Newshole-Token, it adds a Server-Timing header to the answer.

    \b
      newshole token --hours 1
      curl -sI -X GET -H "X-Newshole-Token: $(newshole token)" localhost:8000

    Exit codes: 0 when it is printed, 2 when it cannot be made.
    """
    secret = os.environ.get(SECRET, "")
    if not secret:
        raise UsageError(
            f"there is no secret to sign with: set {SECRET} to the one that the site is started with"
        )
    if not 0 < hours <= MOST_HOURS:
        raise UsageError(f"a token cannot hold for {hours:g} hours: give more than 0, {MOST_HOURS} at most")
    typer.echo(signed(secret.encode(), time.time() + hours * 3600))
