"""A site that is measured, in a process: `python -m tests.http.measured_server RULES EVENTS PORT`."""

from __future__ import annotations

import sys

import uvicorn

from newshole import Newshole
from tests.http.asgi import page
from tests.http.measured import SECRET


def main() -> None:
    rules, events, port = sys.argv[1:]
    app = Newshole(page(), rules, events=events, secret=SECRET)
    uvicorn.run(app, port=int(port), log_level="error", lifespan="off", access_log=False)


if __name__ == "__main__":
    main()
