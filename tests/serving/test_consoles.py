"""The console in the settings: who may sign in, and where rules are published."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from newshole.errors import RulesError, UsageError
from newshole.live.appending import read_log
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish
from newshole.live.source import gather
from newshole.serving.console.passwords import hash_of
from newshole.serving.console.preparing import (
    ADMIN,
    NOBODY,
    Asked,
    home_of,
    ledger_name,
    publish_first,
    with_console,
)
from newshole.serving.settings import Console, Identity, Settings, SiteSettings, User, from_json, to_json
from newshole.serving.written import read_file, settings_of
from newshole.store.archive import open_archive
from tests.http.asgi import RULES

T = TypeVar("T")

HASH = hash_of("seven green cutters")
CONSOLE = f"""
upstream: http://site
trusted: 10.0.0.0/8
console:
  host: 10.0.0.1
  port: 9000
  public: https://console.news.example/
  users:
    - {{name: anna, password: "{HASH}", role: publisher}}
    - {{name: ed, password: "{HASH}", role: {{site: editor}}}}
  identity:
    header: X-Forwarded-User
    from: [127.0.0.1, unix]
    roles: {{"*": viewer, ed@news.example: {{site: editor}}}}
  sites: {{site: "https://news.example"}}
"""
ADDRESS = "an address without a path, such as https://console.news.example"
NO_HASH = "is no hash of a password: make one with newshole console password, and put it in quotes"
HERE = Asked(is_here=True)


def written(folder: Path, text: str) -> Path:
    file = folder / "serve.yaml"
    file.write_text(text, "utf-8")
    return file


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with such a file, after its lines and columns."""
    with pytest.raises(RulesError) as raised:
        read_file(written(folder, text))
    return [f"{each.line}:{each.column}: {each.message}" for each in raised.value.problems]


def site(rules: str | Path = "newspaper", **more: object) -> Settings:
    return Settings((SiteSettings("http://site", str(rules)),), **more)  # type: ignore[arg-type]


def test_everything_may_be_written(tmp_path: Path) -> None:
    settings = settings_of(read_file(written(tmp_path, CONSOLE)))
    assert settings.console == Console(
        "10.0.0.1",
        9000,
        "https://console.news.example",
        (User("anna", HASH, (("*", "publisher"),)), User("ed", HASH, (("site", "editor"),))),
        Identity(
            "x-forwarded-user",
            ("127.0.0.1/32", "unix"),
            (("*", (("*", "viewer"),)), ("ed@news.example", (("site", "editor"),))),
        ),
        (("site", "https://news.example"),),
        ("10.0.0.0/8",),
    )
    assert from_json(to_json(settings).encode()) == settings
    assert home_of(settings.sites[0], settings) == "https://news.example/"


def test_hashes_are_shown_nowhere(tmp_path: Path) -> None:
    assert "argon2" not in repr(settings_of(read_file(written(tmp_path, CONSOLE))))


def test_every_mistake_is_told_with_its_place_and_no_password_is(tmp_path: Path) -> None:
    text = f"""sites:
  - {{upstream: "http://a", name: news, hosts: a.example}}
  - {{upstream: "http://b", rules: "published:mag"}}
console:
  prot: 1
  public: https://x/y
  users:
    - {{name: anna, password: my secret words, role: publisher}}
    - {{name: anna, password: "{HASH}", role: {{nws: editor, news: boss}}}}
  identity: {{header: X-User, roles: {{"*": viewer, ed: {{magazine: editor}}}}}}
  sites: {{foo: "https://a.example/"}}
"""
    assert problems(tmp_path, text) == [
        '5:3: console.prot: unknown key; did you mean "port"?',
        f'6:11: console.public: expected {ADDRESS}, found "https://x/y"',
        f"8:30: console.users[anna].password: {NO_HASH}",
        "9:14: console.users[anna].name: users[0] has this name already",
        '9:138: console.users[anna].role.nws: no site has this name; did you mean "news"?',
        '9:157: console.users[anna].role.news: expected one of viewer, editor, publisher, found "boss"',
        '10:13: console.identity: needs "from"',
        "10:56: console.identity.roles.ed.magazine: no site has this name; there are news, mag",
        "11:11: console.sites.foo: no site has this name; there are news, mag",
    ]


@pytest.mark.parametrize(
    ("ports", "told"),
    [
        ("port: 8002", '2:1: console: the console would listen where "port" does, on 8002'),
        ("admin_port: 8002", '2:1: console: the console would listen where "admin_port" does, on 8002'),
    ],
)
def test_the_console_has_a_port_of_its_own(tmp_path: Path, ports: str, told: str) -> None:
    assert problems(tmp_path, f"{ports}\nconsole: {{host: 127.0.0.1}}\nupstream: http://a\n") == [told]


def test_two_sites_of_one_name_cannot_be_told_apart(tmp_path: Path) -> None:
    text = "sites: [{upstream: 'http://a', hosts: a.example}, {upstream: 'http://b'}]\n"
    told = '1:51: sites[1]: needs a "name" of its own in the console, "site" is another one'
    assert problems(tmp_path, text + "console: {host: 127.0.0.1}\n") == [told]
    with pytest.raises(UsageError, match='2 sites are called "site"'):
        with_console(settings_of(read_file(written(tmp_path, text))), Asked(is_here=True, password=HASH))


def test_without_a_console_nothing_changes() -> None:
    assert with_console(site(), Asked()) == site()
    assert publish_first(site()) == site()


def test_a_console_that_nobody_may_sign_in_to_is_refused_and_says_what_to_do() -> None:
    with pytest.raises(UsageError) as refused:
        with_console(site(), HERE)
    assert str(refused.value) == NOBODY


def test_a_hash_in_the_environment_lets_one_in_who_may_do_everything() -> None:
    settings = with_console(site(), Asked(is_here=True, password=HASH))
    assert settings.console is not None
    assert settings.console.users == (User(ADMIN, HASH, (("*", "publisher"),)),)


def test_a_password_in_the_environment_is_refused_and_not_shown() -> None:
    with pytest.raises(UsageError) as refused:
        with_console(site(), Asked(is_here=True, password="seven green cutters"))  # noqa: S106 - what is tested
    assert "seven" not in str(refused.value)


def test_what_the_command_line_says_goes_over_the_settings() -> None:
    given = site(console=Console(port=9000, users=(User("anna", HASH),)))
    settings = with_console(given, Asked(is_here=True, host="::1", port=0))
    assert settings.console == Console("::1", 0, users=(User("anna", HASH),))


def test_without_redis_rules_are_published_in_a_file_in_the_state_folder(tmp_path: Path) -> None:
    asked = Asked(is_here=True, password=HASH)
    assert with_console(site(state=str(tmp_path)), asked).archive == str(tmp_path / "archive")
    assert with_console(site(redis="redis://a"), asked).archive is None
    assert with_console(site(archive="here"), asked).archive == "here"


@pytest.mark.parametrize(
    ("given", "home"),
    [
        (SiteSettings("http://a", hosts=("*.news.example", "news.example")), "https://news.example/"),
        (SiteSettings("http://a", hosts=("*.news.example",)), "https://www.news.example/"),
        (SiteSettings("http://a"), "http://127.0.0.1:8000/"),
    ],
)
def test_a_site_is_at_home_at_its_first_host_or_where_it_is_served(given: SiteSettings, home: str) -> None:
    assert home_of(given, Settings((given,))) == home


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (SiteSettings("http://a"), "site"),
        (SiteSettings("http://a", "published:sports"), "sports"),
        (SiteSettings("http://a", "quiet", name="mag"), "mag"),
    ],
)
def test_a_site_is_called_what_its_rules_are_published_under(given: SiteSettings, name: str) -> None:
    assert ledger_name(given) == name


def at(archive: Path, work: Callable[[Ledger], Awaitable[T]]) -> T:
    async def run() -> T:
        kept = open_archive(str(archive))
        try:
            return await work(Ledger(kept))
        finally:
            await kept.close()

    return asyncio.run(run())


def test_the_rules_of_files_are_the_first_version_and_no_second_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules, archive = tmp_path / "rules.yaml", tmp_path / "archive"
    rules.write_text(RULES, "utf-8")
    settings = with_console(site(rules, archive=str(archive)), Asked(is_here=True, password=HASH))
    assert publish_first(settings).sites == (SiteSettings("http://site", "published", name="site"),)
    first = gather(rules)
    assert at(archive, read_log)[1].version is not None
    assert at(archive, lambda ledger: ledger.source(first.digest)) == first
    assert caplog.text == ""
    rules.write_text(RULES + "# later\n", "utf-8")
    with caplog.at_level(logging.WARNING):
        publish_first(settings)
    entries, state = at(archive, read_log)
    assert (len(entries), state.version and state.version.digest) == (1, first.digest)
    assert (
        f"site serves the version {first.digest[:8]} that was published, not what {rules} says" in caplog.text
    )


def test_where_the_log_cannot_be_asked_files_serve_or_what_was_published_last(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given = with_console(
        site(redis="redis://127.0.0.1:1/0", state=str(tmp_path)), Asked(is_here=True, password=HASH)
    )
    assert publish_first(given).sites == given.sites
    assert "site serves newspaper, and follows nothing" in caplog.text
    from newshole.live.disk import StateFile

    StateFile(tmp_path, "site", "redis://127.0.0.1:1/0").file.write_bytes(b"")
    assert publish_first(given).sites[0].rules == "published"


def test_what_others_have_published_stays(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    quiet = gather("quiet")

    async def begin(ledger: Ledger) -> None:
        await publish(ledger, quiet, by="anna", note="", clock=time.time)

    at(archive, begin)
    publish_first(with_console(site(archive=str(archive)), Asked(is_here=True, password=HASH)))
    state = at(archive, read_log)[1]
    assert state.version is not None
    assert state.version.digest == quiet.digest


def test_the_warehouse_is_found_beside_the_settings(tmp_path: Path) -> None:
    console = settings_of(read_file(written(tmp_path, f"{CONSOLE}\n  warehouse: events.db\n"))).console
    assert console is not None
    assert console.warehouse == str(tmp_path / "events.db")
