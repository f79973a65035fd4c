"""What serves pages does not load what analyses tests, nor their pictures and tables."""

from __future__ import annotations

import subprocess
import sys


def test_the_middleware_never_imports_the_analysis() -> None:
    code = (
        "import sys, newshole, newshole.http.middleware, newshole.http.events, newshole.serving.app\n"
        "print([name for name in sys.modules if name.startswith(('newshole.experiments.analysis',"
        " 'newshole.experiments.reporting', 'matplotlib', 'duckdb'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_the_command_line_loads_them_only_where_it_needs_them() -> None:
    code = (
        "import sys, newshole.cli\n"
        "print([name for name in sys.modules if name.startswith(('newshole.experiments.analysis',"
        " 'newshole.experiments.reporting', 'matplotlib', 'duckdb'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
