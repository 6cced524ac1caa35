"""Turns away what no client of ours sends, before any route sees it.

A web page must not reach the gateway through a visitor's browser: the Host header has to name this
machine (DNS rebinding), an Origin, which browsers add to cross-site posts, has to be the gateway's
own, and a browser may not say that another site asks, unless somebody follows a link. What changes
something and comes from a browser needs the token that only the gateway's own page can read.
Bodies are read here, up to a bound. Knows nothing of routes.
Source: the Fetch standard (Origin), Fetch Metadata (Sec-Fetch-*), RFC 9110 section 7.2 (Host).
"""

import asyncio
import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant_server.error_answers import error_answer

MAX_BODY_BYTES = 256 * 1024
BODY_TIMEOUT_S = 10.0
TOKEN_HEADER = "x-penchant-token"  # noqa: S105  the header's name
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """ASGI middleware around ``app``; ``token`` is what the gateway's own page sends."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a sound request on; answer any other."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, method = Headers(scope=scope), scope["method"]
        refusal = _foreign(headers, method)
        if refusal:
            await error_answer(403, refusal)(scope, receive, send)
            return
        if method not in _HARMLESS and _from_browser(headers) and not self._known(headers):
            message = "this page is of an earlier gateway; load it again"
            await error_answer(403, message, "stale_page")(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(_read(receive), BODY_TIMEOUT_S)
        except TimeoutError:
            await error_answer(408, "the request's body came too slowly")(scope, receive, send)
            return
        if body is None:
            message = f"the request is larger than {MAX_BODY_BYTES // 1024} KiB; send less context"
            await error_answer(413, message)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _known(self, headers: Headers) -> bool:
        given = headers.get(TOKEN_HEADER, "").encode()
        return hmac.compare_digest(given, self._token.encode())


_HARMLESS = frozenset({"GET", "HEAD"})


def _from_browser(headers: Headers) -> bool:
    """Whether a browser sent it: no other client of ours names an origin or a site."""
    return "origin" in headers or "sec-fetch-site" in headers


def _foreign(headers: Headers, method: str) -> str:
    """Return why a request may come from a web page, "" when it cannot."""
    host = headers.get("host", "")
    if _hostname(f"//{host}") not in LOOPBACK_NAMES:
        return "the Host header does not name this machine; use http://127.0.0.1"
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "requests from web pages are refused"
    if headers.get("sec-fetch-site", "none") not in _OWN_SITE and not _visit(headers, method):
        return "requests from web pages are refused"
    return ""


_OWN_SITE = frozenset({"same-origin", "none"})


def _visit(headers: Headers, method: str) -> bool:
    """Whether somebody follows a link to the gateway: what comes back is shown to them alone."""
    told = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    return method == "GET" and told == ("navigate", "document")


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _read(receive: Receive) -> bytes | None:
    """Return the whole body, None when it is too large; an early disconnect ends it."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
