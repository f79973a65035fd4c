"""Secrets, which come out of the environment or out of files that it names, and stand on no command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from newshole.errors import UsageError

SECRET: Final = "NEWSHOLE_SECRET"  # noqa: S105 - the name of a variable
"""The environment variable with what signs all that is newshole's own."""


def read_secret(name: str = SECRET, environ: Mapping[str, str] = os.environ) -> str:
    """The secret in the environment variable of a name, else in the file that `NAME_FILE` names, without the
    end of its line; "" where there is neither.

    Raises UsageError where both are there, or the file cannot be read or is empty.
    """
    given, file = environ.get(name, ""), environ.get(f"{name}_FILE", "")
    if not file:
        return given
    if given:
        raise UsageError(f"{name} and {name}_FILE are both set: leave one out")
    try:
        found = Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageError(f"cannot read {file}, which {name}_FILE names: {why}") from error
    if not found:
        raise UsageError(f"{file}, which {name}_FILE names, is empty: write the secret to it")
    return found
