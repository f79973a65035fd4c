"""What `newshole serve` can be told on the command line and in the environment: the keys of its settings
file, but for those of several sites and of the console's people.

What an option may be is read as the file's word for it is, so that both take and refuse the same.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar, Final, Literal

from newshole.cli.options.records import setting, switched

_NUMBERS_OR_WORDS: Final = ("workers", "flush_after", "plan_budget")


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """The one site that is served."""

    PANEL: ClassVar[str] = "The site"

    upstream: Annotated[
        str | None,
        setting(
            "upstream", "URL", "Where the site's own software is: http://host:port, https://host, unix:/path."
        ),
    ] = None
    rules: Annotated[
        str | None,
        setting("rules", "RULES", 'A file, a folder, a pack\'s name, or "published".  [default: newspaper]'),
    ] = None
    name: Annotated[
        str | None,
        setting("name", "NAME", "What its rules are published and its switches kept under.  [default: site]"),
    ] = None
    own_host: Annotated[
        bool | None, switched("own-host", "Ask its software by its own host, not the public one.")
    ] = None
    ca: Annotated[
        str | None, setting("ca", "FILE", "Certificates for an https upstream.  [default: the system's]")
    ] = None
    shadow: Annotated[
        bool | None, switched("shadow", "Send pages as they are, and tell what they would become.")
    ] = None


@dataclass(frozen=True, slots=True)
class KeptOptions:
    """What is kept, and where."""

    PANEL: ClassVar[str] = "What is kept, and where"

    redis: Annotated[
        str | None,
        setting(
            "redis", "URL", "A Redis that workers share plans in: redis://localhost:6379/0.  [default: none]"
        ),
    ] = None
    archive: Annotated[
        str | None,
        setting("archive", "FILE", "Instead of it on one machine, for what is published and switched off."),
    ] = None
    state: Annotated[str | None, setting("state", "FOLDER", "Where the last published rules are kept.")] = (
        None
    )
    library: Annotated[
        str | None, setting("library", "FILE", "For stories learned from pages.  [default: Redis, if any]")
    ] = None
    journal: Annotated[
        str | None, setting("journal", "FILE", "For what readers of each page got when, for newshole why.")
    ] = None
    events: Annotated[
        str | None, setting("events", "FOLDER", "For events of experiments, which go on into Redis, if any.")
    ] = None
    events_redis: Annotated[
        str | None,
        setting("events-redis", "URL", "A Redis for events that drops nothing.  [default: that of --redis]"),
    ] = None
    events_path: Annotated[
        str | None,
        setting("events-path", "PATH", "Where browsers send events.  [default: /_newshole/events]"),
    ] = None
    switches: Annotated[
        str | None, setting("switches", "FILE", "A switch file: what is off, whatever the rules say.")
    ] = None


@dataclass(frozen=True, slots=True)
class ListeningOptions:
    """Where it listens."""

    PANEL: ClassVar[str] = "Where it listens"

    host: Annotated[
        str | None, setting("host", "HOST", 'The address; 0.0.0.0 or "::" for all.  [default: 127.0.0.1]')
    ] = None
    port: Annotated[
        int | None, setting("port", "PORT", "The port; 0 for any that is free.  [default: 8000]")
    ] = None
    unix: Annotated[str | None, setting("unix", "PATH", "A Unix socket, in the place of a port.")] = None
    trusted: Annotated[
        list[str] | None,
        setting(
            "trusted",
            "NETWORK",
            "A proxy in front that tells readers' addresses, or unix; repeatable.",
        ),
    ] = None
    prefix: Annotated[
        str | None,
        setting("prefix", "PATH", 'The path of health and readiness; "" for none.  [default: /_newshole]'),
    ] = None
    admin_port: Annotated[
        int | None,
        setting("admin-port", "PORT", "A port for operators: /metrics and more.  [default: none]"),
    ] = None
    admin_host: Annotated[
        str | None, setting("admin-host", "HOST", "The address of that port.  [default: 127.0.0.1]")
    ] = None
    log: Annotated[
        Literal["off", "json", "text"] | None,
        setting("log", "off|json|text", "A line a request on standard output.  [default: off]"),
    ] = None
    log_ip: Annotated[bool | None, switched("log-ip", "Tell readers' addresses in it.")] = None


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How pages are asked for, kept, planned and sent."""

    PANEL: ClassVar[str] = "Pages"

    max_page: Annotated[
        int | None,
        setting("max-page", "BYTES", "The largest page that is composed.  [default: 5242880]"),
    ] = None
    max_hold: Annotated[
        float | None,
        setting("max-hold", "SECONDS", "How long a page may take to come whole.  [default: 5]"),
    ] = None
    flush_after: Annotated[
        str | None,
        setting("flush-after", "SECONDS|never", "When the head of a slow page goes ahead.  [default: 0.01]"),
    ] = None
    plan_budget: Annotated[
        str | None,
        setting(
            "plan-budget",
            "SECONDS|any",
            "How long to wait for a large page's plan.  [default: 0.05]",
        ),
    ] = None
    plan_queue: Annotated[
        int | None,
        setting("plan-queue", "N", "Large pages that a worker plans at a time.  [default: 16]"),
    ] = None
    uncompressed: Annotated[bool | None, switched("uncompressed", "Ask for pages without compression.")] = (
        None
    )
    page_cache: Annotated[
        bool | None, switched("page-cache", "Keep the site's pages, where it lets shared caches keep them.")
    ] = None
    login_cookies: Annotated[
        list[str] | None,
        setting("login-cookies", "NAME", "A cookie that tells who is signed in, repeatable."),
    ] = None
    ignored_parameters: Annotated[
        list[str] | None,
        setting(
            "ignored-parameters", "NAME", "A parameter that makes no other page, such as utm_*, repeatable."
        ),
    ] = None
    surrogate: Annotated[
        list[str] | None,
        setting(
            "surrogate", "Surrogate-Key|Cache-Tag", "A header with tags for a cache in front, repeatable."
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class BoundOptions:
    """Processes, and the bounds of each."""

    PANEL: ClassVar[str] = "Processes, and the bounds of each"

    workers: Annotated[
        str | None, setting("workers", "N|auto", "How many; auto for one a processor.  [default: 1]")
    ] = None
    requests: Annotated[
        int | None, setting("requests", "N", "Requests that are answered at once.  [default: 1000]")
    ] = None
    connections: Annotated[
        int | None,
        setting("connections", "N", "Of clients.  [default: what open files leave room for]"),
    ] = None
    head_bytes: Annotated[
        int | None, setting("head-bytes", "BYTES", "The largest head of a request.  [default: 65536]")
    ] = None
    max_body: Annotated[
        int | None, setting("max-body", "BYTES", "The largest body of a request.  [default: any]")
    ] = None
    answer_timeout: Annotated[
        int | None,
        setting("answer-timeout", "SECONDS", "How long the site may be silent.  [default: 60]"),
    ] = None
    head_timeout: Annotated[
        int | None,
        setting("head-timeout", "SECONDS", "In which a request's head is whole.  [default: 10]"),
    ] = None
    idle_timeout: Annotated[
        int | None,
        setting("idle-timeout", "SECONDS", "How long a connection waits for a request.  [default: 75]"),
    ] = None
    silence_timeout: Annotated[
        int | None,
        setting("silence-timeout", "SECONDS", "After which one that hangs is replaced.  [default: 60]"),
    ] = None
    grace: Annotated[
        int | None,
        setting("grace", "SECONDS", "What requests in flight have at the end.  [default: 30]"),
    ] = None


def given(
    *records: SiteOptions | KeptOptions | ListeningOptions | PageOptions | BoundOptions,
) -> dict[str, Any]:
    """What the command line and the environment say, by the keys of the settings file."""
    told = {key: value for each in records for key, value in asdict(each).items()}
    found = {key: value for key, value in told.items() if value not in (None, [])}
    return {key: _number(value) if key in _NUMBERS_OR_WORDS else value for key, value in found.items()}


def _number(text: str) -> int | float | str:
    """The number that a text is, or else the text."""
    for read in (int, float):
        with suppress(ValueError):
            return read(text)
    return text
