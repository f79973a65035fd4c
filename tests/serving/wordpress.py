"""A real WordPress with one story, from Debian's packages, with a MariaDB of its own, on a free port."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.store.servers import free_port, need

PACKAGE: Final = Path("/usr/share/wordpress")
THEMES: Final = PACKAGE / "wp-content" / "themes"

CONFIG: Final = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('WP_HOME', 'http://' . ($_SERVER['HTTP_HOST'] ?? 'news.localhost'));
define('WP_SITEURL', WP_HOME);
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY',
          'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $key) {{
    define($key, 'of a test ' . $key);
}}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""

# What a newsroom does by hand: install, choose a theme and addresses with the title, write a story.
INSTALL: Final = """<?php
define('WP_INSTALLING', true);
require __DIR__ . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('The Example', '{editor}', 'editor@example.org', true, '', '{password}');
switch_theme('twentytwentythree');
update_option('permalink_structure', '/%year%/%postname%/');
$text = '';
for ($n = 1; $n <= 9; $n++) {
    if ($n == 4 || $n == 7) $text .= "<!-- wp:heading --><h2>Part $n</h2><!-- /wp:heading -->\\n";
    $text .= '<!-- wp:paragraph --><p>' . str_repeat('The council met on Tuesday and agreed, after some '
        . 'debate, to mend the old bridge before winter comes. ', 4) . "</p><!-- /wp:paragraph -->\\n";
}
$story = wp_insert_post(['post_title' => 'The bridge', 'post_name' => 'the-bridge', 'post_content' => $text,
    'post_status' => 'publish', 'post_author' => 1, 'post_date' => '2026-01-05 09:00:00',
    'comment_status' => 'open']);
if (is_wp_error($story)) exit(1);
"""

# PHP's own server has no rewriting: what is no file is WordPress's to answer.
ROUTER: Final = """<?php
$path = __DIR__ . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (is_file($path)) return false;
require __DIR__ . '/index.php';
"""

STORY: Final = "/2026/the-bridge/"
EDITOR: Final = "editor"
PASSWORD: Final = "of a test"  # noqa: S105


@contextlib.contextmanager
def wordpress(folder: Path) -> Iterator[str]:
    """The address of a WordPress in `folder`; what needs it is skipped where its packages are missing."""
    if not (PACKAGE / "wp-load.php").is_file() or not (THEMES / "twentytwentythree").is_dir():
        pytest.skip("wordpress and wordpress-theme-twentytwentythree are not installed")
    php = need("php")
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(_mariadb())
        home = folder / "wordpress"
        shutil.copytree(PACKAGE, home, ignore_dangling_symlinks=True)
        config = CONFIG.format(socket=connection)
        install = INSTALL.replace("{editor}", EDITOR).replace("{password}", PASSWORD)
        for name, text in (("wp-config.php", config), ("install.php", install), ("router.php", ROUTER)):
            (home / name).write_text(text, encoding="utf-8")
        subprocess.run([php, str(home / "install.php")], check=True, stdout=subprocess.DEVNULL)
        port = free_port()
        command = [php, "-S", f"127.0.0.1:{port}", "-t", str(home), str(home / "router.php")]
        stack.enter_context(_running(command))
        _eventually_open(socket.AF_INET, ("127.0.0.1", port))
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _mariadb() -> Iterator[str]:
    """The socket of a MariaDB with an empty database "wordpress"."""
    install, server, client = need("mariadb-install-db"), need("mariadbd"), need("mariadb")
    # A socket's path may be a hundred letters long, and a test's folder is longer.
    with tempfile.TemporaryDirectory(prefix="nh-") as short:
        place, connection = Path(short) / "db", str(Path(short) / "s")
        user = f"--user={Path(short).owner()}"
        options = ["--no-defaults", f"--datadir={place}", user]
        subprocess.run([install, *options, "--skip-test-db"], check=True, stdout=subprocess.DEVNULL)
        access = ["--skip-networking", "--skip-grant-tables", f"--socket={connection}"]
        with _running([server, *options, *access]):
            _eventually_open(socket.AF_UNIX, connection)
            make = [client, "--no-defaults", f"--socket={connection}", "-e", "CREATE DATABASE wordpress"]
            subprocess.run(make, check=True)
            yield connection


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _eventually_open(family: socket.AddressFamily, address: str | tuple[str, int]) -> None:
    end = time.monotonic() + 60
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(address) == 0:
                return
        if time.monotonic() > end:
            raise TimeoutError(f"nothing listens on {address}")
        time.sleep(0.05)
