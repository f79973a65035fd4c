"""The end of a head, found however its bytes come, and never behind the beginning of the body."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.page.document import Document
from newshole.page.edges import page_edges
from newshole.page.head import MAX_HEAD, HeadScan, may_be_composed
from tests.http.asgi import cut

HTML = "text/html"

HEADS = {
    "plain": b"<!doctype html><html lang=en><head><meta charset=utf-8><title>A</title></head>",
    "old": b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C" "a"><HTML><HEAD><TITLE>A</TITLE></HEAD >',
    "marked": b"\xef\xbb\xbf<!doctype html>\r\n<head>\r\n<base href=/></head\n>",
    "in a title": b"<head><title></head></title></head>",
    "in a script": b"<head><script>var a = '</head>' + \"<body>\"</script></head>",
    "in a style": b"<head><style>/* </head> */</style></head>",
    "in a noscript": b"<head><noscript></head><img src=x></noscript></head>",
    "in a comment": b"<head><!--[if IE]></head><![endif]--><!-- <body> --><!--></head>",
    "in a value": b"<head><meta name=a content='</head>'><meta content = \"</head><body>\"></head>",
    "after a stray quote": b'<html lang=en"><head><link rel=x href=/a.css></head>',
    "closed twice": b"<head></link></meta></title></head>",
}


def scanned(parts: list[bytes]) -> HeadScan:
    scan = HeadScan()
    for part in parts:
        scan.feed(part)
    return scan


@pytest.mark.parametrize("name", HEADS)
def test_a_head_ends_behind_its_end_tag(name: str) -> None:
    scan = scanned([HEADS[name] + b"<body><p>a</head>"])
    assert (scan.head, scan.is_over) == (HEADS[name], True)


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_comes_byte_by_byte_ends_at_the_same_place(name: str) -> None:
    parts = [bytes([each]) for each in HEADS[name]]
    assert scanned(parts).head == HEADS[name]
    assert scanned(parts[:-1]).end is None


def test_a_head_without_an_end_tag_ends_where_the_body_is_opened() -> None:
    assert scanned([b"<title>A</title>\n<body class=a>"]).head == b"<title>A</title>\n"


@pytest.mark.parametrize(
    "opening",
    [
        b"<p>",
        b"text",
        b"&nbsp;",
        b"<div id=x>",
        b"<iframe src=x>",
        b"<template>",
        b"</body>",
        b"</br>",
        b"<svg>",
        b"\x00",
    ],
)
def test_what_opens_the_body_unseen_ends_the_search(opening: bytes) -> None:
    scan = scanned([b"<head><title>A</title>", opening, b"</head><body>"])
    assert (scan.end, scan.is_over) == (None, True)


def test_a_head_that_does_not_end_is_given_up() -> None:
    scan = scanned([b"<head><script>"] + [b"x" * 1024] * (MAX_HEAD // 1024 + 1))
    assert (scan.end, scan.is_over) == (None, True)
    scan.feed(b"</script></head>")
    assert scan.end is None


_TAGS = "html head body title script style noscript template p div frameset select br".split()
_PIECES = (
    *(f"<{slash}{tag}>".encode() for tag in _TAGS for slash in ("", "/")),
    *(b"<!doctype html>", b"<!--", b"-->", b"--!>", b"<!", b"<?", b"</", b"<", b"<link>", b"<meta a="),
    *(b'"', b"'", b">", b"=", b"/", b"a", b" ", b"\n", b"\x00", b"\xef\xbb\xbf"),
)
SOUP = st.lists(st.sampled_from(_PIECES), max_size=30).map(b"".join)


@given(page=SOUP, places=st.lists(st.integers(min_value=0), max_size=6))
def test_however_a_page_is_cut_its_head_ends_at_the_same_place(page: bytes, places: list[int]) -> None:
    whole, parts = scanned([page]), scanned(cut(page, places))
    assert (parts.end, parts.is_over) == (whole.end, whole.is_over)


@given(page=SOUP)
def test_no_block_may_stand_before_the_end_of_a_head(page: bytes) -> None:
    end = scanned([page]).end
    edges = page_edges(Document(page + b"<p>a"))
    assert end is None or all(edge is None or edge >= end for edge in edges.values())


@pytest.mark.parametrize(
    "head",
    [
        b"<html amp><head></head>",
        b"<html \xe2\x9a\xa1 lang=en><head></head>",
        b"<head><meta name=newshole content=off></head>",
        b"<head><style data-newshole-runtime></style></head>",
        b"<head><script>self.__next_f=[]</script></head>",
        b"<head><meta charset=iso-2022-jp></head>",
    ],
)
def test_a_head_may_tell_that_its_page_is_left_alone(head: bytes) -> None:
    assert not may_be_composed(head, HTML)


@pytest.mark.parametrize("name", HEADS)
def test_most_heads_tell_nothing(name: str) -> None:
    assert may_be_composed(HEADS[name], HTML)
