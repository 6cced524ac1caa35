"""``/``: the dashboard as a web page, and the three files that it consists of.

They are built from the extension's side view (vscode-extension/view) and lie beside this package;
nothing else is served and nothing is loaded from elsewhere.
"""

from importlib import resources

from fastapi import APIRouter
from starlette.responses import Response

router = APIRouter()

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-cache",
}


@router.get("/", include_in_schema=False)
async def page() -> Response:
    """Return the page; it asks for its data itself."""
    return _file("index.html", "text/html; charset=utf-8")


@router.get("/dashboard.js")
async def script() -> Response:
    """Return the page's one script."""
    return _file("dashboard.js", "text/javascript; charset=utf-8")


@router.get("/dashboard.css")
async def style() -> Response:
    """Return the page's one style sheet."""
    return _file("dashboard.css", "text/css; charset=utf-8")


@router.get("/icon.svg")
async def icon() -> Response:
    """Return the picture of the page's tab."""
    return _file("icon.svg", "image/svg+xml")


def _file(name: str, media_type: str) -> Response:
    content = (resources.files("penchant_server") / "page" / name).read_bytes()
    return Response(content, headers={**HEADERS, "content-type": media_type})
