"""Stories, in every form that feeds have."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from newshole.library.feeds import FeedStory, read_feed

URL = "https://news.example/feeds/all.xml"
JULY = datetime(2024, 7, 19, 19, 40, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>News</title><link>https://news.example/</link><language>en-GB</language>
<item>
  <title>Bridge &amp;amp; tunnel &lt;em&gt;reopen&lt;/em&gt;</title>
  <link>https://news.example/bridge?utm_source=rss&amp;page=2#top</link>
  <guid isPermaLink="false">7</guid>
  <media:title>A photograph of the bridge</media:title>
  <pubDate>Fri, 19 Jul 2024 21:40:00 +0200</pubDate>
  <category>World</category><category><![CDATA[Caf&eacute;s]]></category><dc:subject>world</dc:subject>
  <media:content url="/clip.mp4" type="video/mp4"><media:thumbnail url="/clip.jpg"/></media:content>
  <content:encoded><![CDATA[<p>Traffic <b>returns</b>.</p><script>no()</script>
  <p>At last.</p>]]></content:encoded>
</item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://news.example/de/">
<title>Nachrichten</title>
<entry>
  <title type="xhtml">
    <div xmlns="http://www.w3.org/1999/xhtml">Brücke <b>wieder</b> offen</div></title>
  <link rel="self" href="self.atom"/><link href="bruecke"/>
  <link rel="enclosure" type="image/jpeg" href="/b.jpg"/>
  <id>urn:1</id><published>2024-07-19T21:40:00+02:00</published><updated>2024-07-20T00:00:00Z</updated>
  <category term="welt" label="Welt"/>
  <content type="html">&lt;p&gt;Der Verkehr rollt.&lt;/p&gt;</content>
</entry>
<entry><title type="text">5 &lt; 6</title><link href="zahlen"/></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example/"><title>News</title></channel>
<item rdf:about="https://news.example/bridge"><title>Bridge reopens</title>
<link>https://news.example/bridge</link><dc:date>2024-07-19T19:40:00Z</dc:date></item></rdf:RDF>"""

SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example/bridge</loc>
<image:image><image:loc>https://news.example/b.jpg</image:loc></image:image>
<news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2024-07-19T19:40Z</news:publication_date><news:title>Bridge reopens</news:title>
<news:keywords>Bridge, Traffic,</news:keywords></news:news></url>
<url><loc>https://news.example/about</loc></url></urlset>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "language": "en",
    "items": [
        {
            "id": "7",
            "url": "/bridge",
            "title": "Bridge reopens",
            "date_published": "2024-07-19T21:40:00+02:00",
            "tags": ["World", 3],
            "image": "b.jpg",
            "content_html": "<p>Traffic returns.</p>",
        },
        {"id": "https://news.example/tunnel", "title": "Tunnel", "content_text": "One.\nTwo."},
        {"id": "8", "url": "/untitled"},
        "not an item",
    ],
}

POSTS = [
    {
        "link": "https://news.example/bridge",
        "status": "publish",
        "date": "2024-07-19T21:40:00",
        "date_gmt": "2024-07-19T19:40:00",
        "title": {"rendered": "Bridge &#038; tunnel"},
        "content": {"rendered": "<p>Traffic returns.</p>", "protected": False},
        "_embedded": {
            "wp:featuredmedia": [{"source_url": "https://news.example/b.jpg"}],
            "wp:term": [
                [{"taxonomy": "category", "name": "City &amp; county"}],
                [{"taxonomy": "post_tag", "name": "bridge"}],
            ],
        },
    },
    {"link": "https://news.example/draft", "status": "draft", "title": {"rendered": "Draft"}},
]


def read(written: str | bytes | object, content_type: str = "") -> tuple[FeedStory, ...]:
    if isinstance(written, str):
        written = written.encode()
    body = written if isinstance(written, bytes) else json.dumps(written).encode()
    return read_feed(body, url=URL, content_type=content_type)


VIDEOS = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<item><title>Grouped</title><link>/v/1</link>
  <media:group><media:content url="/1.m3u8" type="application/x-mpegurl"/>
    <media:content url="/1.webm" type="video/webm; codecs=vp9" medium="video"/></media:group>
  <media:thumbnail url="/1.jpg"/><media:credit>Ann &amp; <![CDATA[<b>Bo</b>]]></media:credit>
  <media:keywords>Harbour, pilots ,harbour</media:keywords></item>
<item><title>Enclosed</title><link>/v/2</link><enclosure url="/2.MP4?k=1" type="video/mp4"/>
  <enclosure url="/2.jpg" type="image/jpeg"/></item>
<item><title>Untyped</title><link>/v/3</link><media:content url="/3.mp4"/></item>
<item><title>Unplayable</title><link>/v/4</link><enclosure url="/4.mp4" type="audio/mp4"/>
  <media:content url="javascript:1" type="video/mp4"/></item>
</channel></rss>"""

LAUGHS = (
    '<!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {n} "{f"&{m};" * 10}">' for m, n in zip("abcdefghi", "bcdefghij", strict=True))
    + ']><rss version="2.0"><channel><item><title>&j;Bridge</title><link>https://news.example/b</link></item>'
    + "</channel></rss>"
)

WHOLE = [
    RSS.encode(),
    ATOM.encode(),
    RDF.encode(),
    SITEMAP.encode(),
    LAUGHS.encode(),
    VIDEOS.encode(),
    json.dumps(JSON_FEED).encode(),
    json.dumps(POSTS).encode(),
]
"""Every one of them."""
