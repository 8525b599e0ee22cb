"""HTML pages, and the Content-Security-Policy of each: it may run and show what it holds itself, and nothing else."""

import base64
import hashlib
import re
from dataclasses import dataclass

from starlette.responses import Response

# Inline scripts and styles. Elements `script` with a type hold data, which a browser does not run.
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
NONE = ("'none'",)
# How often, in seconds, a browser asks again while the net is being loaded.
ASK_AGAIN_SECONDS = 1
WAITING = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="{ASK_AGAIN_SECONDS}">
<title>tinydigits is not ready</title>
<link rel="icon" href="data:,">
</head>
<body>
<main>
  <h1>One moment</h1>
  <p role="status">The net is being loaded. This page looks again by itself.</p>
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Page:
    """A page that needs no other file.

    Attributes:
        html: may have elements `style`, and elements `script` without attributes that are run.
        policy: the value of Content-Security-Policy.
    """

    html: str
    policy: str

    def response(self, status: int = 200) -> Response:
        headers = {"content-security-policy": self.policy, "cache-control": "no-cache"}
        return Response(self.html, status, headers, "text/html")


def still(html: str) -> Page:
    """Returns a page that runs no script."""
    return Page(html, policy(html))


def alive(html: str) -> Page:
    """Returns a page that runs scripts, WebAssembly and workers of its own, and asks this server alone."""
    more = ("connect-src 'self'", "worker-src blob:")
    return Page(html, policy(html, more, ("'wasm-unsafe-eval'",)))


def policy(html: str, more: tuple[str, ...] = (), scripts: tuple[str, ...] = ()) -> str:
    """Returns a policy that lets a page's own styles and scripts pass by their hashes.

    Args:
        more: further directives.
        scripts: further sources of scripts.
    """
    sources = (*hashes(SCRIPT, html), *scripts)
    parts = (
        "default-src 'none'",
        *((f"script-src {' '.join(sources)}",) if sources else ()),
        f"style-src {' '.join(hashes(STYLE, html) or NONE)}",
        "img-src data: blob:",
        *more,
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return "; ".join(parts)


def hashes(element: re.Pattern[str], html: str) -> list[str]:
    """Returns the hash of the text of each such element, as a policy names it."""
    digests = (hashlib.sha256(text.encode()).digest() for text in element.findall(html))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
