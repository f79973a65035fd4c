"""nginx by a configuration of `docs/deploy`, as a process of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving.servers import is_refused
from tests.waiting import PATIENCE, eventually


def debian(program: str, package: str) -> str:
    """Where a program is; the test is skipped where it is not installed."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"needs Debian's {package}")
    return found


@contextmanager
def nginx_with(folder: Path, configuration: str, port: int) -> Iterator[None]:
    """nginx with a configuration that listens on a port, until the end; its files are in a folder."""
    (folder / "site.conf").write_text(configuration, "utf-8")
    temporary = "".join(
        f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        # One process, of the user that owns the folder.
        f"pid {folder}/pid; error_log stderr; daemon off; master_process off; events {{}} "
        f"http {{ access_log off; {temporary} include site.conf; }}",
        "utf-8",
    )
    asked = [debian("nginx", "nginx-light"), "-p", str(folder), "-c", str(main), "-e", "stderr"]
    tested = subprocess.run([*asked, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    process = subprocess.Popen(asked, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: not is_refused(port))
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
