"""The newspaper's own software: a Starlette app of templates and files that knows nothing of newshole."""

from __future__ import annotations

import datetime as dt
from typing import Final

from babel.dates import format_datetime, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from newshole.demo.metadata import linked_data
from newshole.demo.newsroom import EDITIONS, HERE, SECTIONS, Article, Edition, articles

# The desk's choice of the day, as an editor would make it.
LEAD: Final = "/city/live-storm-ilse"
BESIDE: Final = (
    "/world/talks-after-the-cable-was-cut",
    "/sport/goalkeeper-wins-the-cup",
    "/business/night-ferries-return",
)
FEATURE: Final = "/magazine/the-last-lamp-at-grey-ness"
ROW: Final = (
    "/culture/the-organ-behind-the-wall",
    "/business/the-mill-that-bought-itself",
    "/world/tarn-fell-stops-its-clocks",
    "/obituaries/sunniva-tarrell",
)
PAGES: Final = ("about", "advertise", "newsletter", "video/pilots")
LISTED_ELSEWHERE: Final = 4


def origin() -> Starlette:
    """The newspaper as an ASGI app: its front, sections, stories, a few pages beside, and its files."""
    return Starlette(
        routes=[
            Route("/", _front),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Route("/embed/tides", _tides),
            Route("/embed/pilots", _player),
            Route("/newsletter", _subscribed, methods=["POST"]),
            *(Route(f"/{page}", _page) for page in PAGES),
            Route("/{section}", _section),
            Route("/{path:path}", _story),
        ],
        exception_handlers={404: _missing},
    )


def _when(moment: dt.datetime, edition: Edition) -> str:
    return format_datetime(moment, edition.moment, tzinfo=moment.tzinfo, locale=edition.locale)


def _hour(moment: dt.datetime, edition: Edition) -> str:
    return format_time(moment, "HH:mm", tzinfo=moment.tzinfo, locale=edition.locale)


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"when": _when, "hour": _hour}
    environment.globals |= {"sections": tuple(SECTIONS.values()), "editions": EDITIONS}
    return environment


TEMPLATES: Final = _templates()


def html_response(
    request: Request, template: str, language: str = "en", status: int = 200, **shown: object
) -> Response:
    """A page of the newspaper; `shown` is what its template reads."""
    base = str(request.base_url).rstrip("/")
    here = base + request.url.path
    edition = EDITIONS[language]
    text = TEMPLATES.get_template(template).render(base=base, here=here, edition=edition, **shown)
    return HTMLResponse(text, status_code=status, headers={"cache-control": "no-cache"})


async def _front(request: Request) -> Response:
    stories = articles()
    return html_response(
        request,
        "front.html",
        lead=stories[LEAD],
        beside=[stories[path] for path in BESIDE],
        feature=stories[FEATURE],
        row=[stories[path] for path in ROW],
        abroad=[(SECTIONS[slug], _listed(slug)) for slug in ("de", "ar", "ja")],
    )


def _listed(slug: str) -> list[Article]:
    return [article for article in articles().values() if article.section.slug == slug]


async def _section(request: Request) -> Response:
    section = SECTIONS.get(request.path_params["section"])
    if section is None:
        raise HTTPException(404)
    listed = _listed(section.slug)
    others = [
        article
        for article in articles().values()
        if article.section is not section and article.language in (section.language, "en")
    ]
    return html_response(
        request,
        "section.html",
        section.language,
        section=section,
        listed=listed,
        elsewhere=others[:LISTED_ELSEWHERE],
    )


async def _story(request: Request) -> Response:
    article = articles().get(request.url.path)
    if article is None:
        raise HTTPException(404)
    base = str(request.base_url).rstrip("/")
    template = "live.html" if article.is_live else "story.html"
    return html_response(
        request, template, article.language, article=article, linked_data=linked_data(article, base)
    )


async def _page(request: Request) -> Response:
    return html_response(request, f"{request.url.path.strip('/').replace('/', '-')}.html")


async def _subscribed(request: Request) -> Response:
    return html_response(request, "subscribed.html")


async def _tides(request: Request) -> Response:
    return html_response(request, "tides.html")


async def _player(request: Request) -> Response:
    return html_response(request, "player.html")


async def _missing(request: Request, _: Exception) -> Response:
    return html_response(request, "missing.html", status=404)
