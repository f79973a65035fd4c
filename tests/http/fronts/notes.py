"""What REDbot finds bad in a response, one name a line: `python -m tests.http.fronts.notes URL`.

A process of its own, for REDbot's event loop is one of its kind.
"""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser

import thor
from httplint.note import levels
from redbot.resource import HttpResource  # type: ignore[import-untyped]


def bad_notes(url: str) -> frozenset[str]:
    """The names of REDbot's bad notes on a resource; raises where it could not be fetched."""
    command = [sys.executable, "-m", "tests.http.fronts.notes", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return frozenset(done.stdout.split())


def check(url: str) -> HttpResource:
    """A resource with REDbot's notes, conditional and partial requests made."""
    config = ConfigParser()
    config.read_dict({"redbot": {"enable_local_access": "True"}})
    resource = HttpResource(config["redbot"])
    resource.set_request(url)
    resource.once("check_done", thor.stop)
    resource.check()
    thor.run()
    return resource


def main() -> None:
    """Print the names of the bad notes."""
    resource = check(sys.argv[1])
    if not resource.response.complete:
        sys.exit(f"not fetched: {resource.fetch_error}")
    checked = [resource.response, *(each.response for each in resource.subreqs.values())]
    print(
        *sorted({type(note).__name__ for each in checked for note in each.notes if note.level is levels.BAD})
    )


if __name__ == "__main__":
    main()
