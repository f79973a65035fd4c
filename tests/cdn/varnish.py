"""A real varnishd on a free port of this machine, with the VCL of the documentation."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.store.servers import free_port

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
VCL = DEPLOY / "varnish.vcl"
ARMS = DEPLOY / "varnish-arms.vcl"


def configured(port: int, *, has_arms: bool = False) -> str:
    """The VCL of the documentation, for newshole on another port; with arms where they are wanted."""
    written = VCL.read_text("utf-8")
    assert written.count('.port = "8000";') == written.count("import xkey;") == 1
    if has_arms:
        written = written.replace("import xkey;", f'import xkey;\ninclude "{ARMS}";')
    return written.replace('.port = "8000";', f'.port = "{port}";')


def need_varnish() -> str:
    """Where varnishd is; the test is skipped where it or its module xkey is not installed."""
    found = shutil.which("varnishd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None or not any(Path("/usr/lib").glob("*/varnish/vmods/libvmod_xkey.so")):
        pytest.skip("varnish or varnish-modules is not installed")
    return found


@contextlib.contextmanager
def varnish(folder: Path, port: int, *, has_arms: bool = False) -> Iterator[str]:
    """The address of a Varnish in front of this port; it is ended at the end."""
    program = need_varnish()
    own = free_port()
    vcl = folder / "site.vcl"
    vcl.write_text(configured(port, has_arms=has_arms), encoding="utf-8")
    with (folder / "varnishd.log").open("wb") as log:
        command = [
            program, "-F", "-j", "none", "-n", str(folder / "varnish"), "-a", f"127.0.0.1:{own}",
            "-f", str(vcl), "-s", "malloc,32m", "-p", "thread_pool_min=10",
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{own}"
        _wait(process, url, folder / "varnishd.log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until it answers with what newshole answers."""
    end = time.monotonic() + 60
    while True:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"varnishd did not start: {log.read_text('utf-8')}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/_newshole/ready").status_code == 200:
                return
        time.sleep(0.05)
