"""Who may ask: the checks of Host, Origin and token, as functions of a request's headers.

A page of another site can have a browser send requests here. Where it does so openly, `Origin` tells. Where its name
leads to this machine (DNS rebinding), `Host` tells: it holds that name.
"""

import base64
import hmac
import ipaddress
from collections.abc import Mapping

from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.routes import Access
from tinydigits.serve.settings import Settings

# Methods that change nothing; a browser shows their answers to no other site.
SAFE = ("GET", "HEAD", "OPTIONS")


def check_host(host: str | None, settings: Settings) -> None:
    """Refuses a Host that another site's name may be behind.

    Good are addresses, `localhost`, the name that the server was started with, and names without a dot, which nobody
    can register. Where a token is asked for, every name is good: another site does not know the token.

    Raises:
        RefusalError: 400, there is none; 421, it may be another site's.
    """
    if not host:
        raise RefusalError(400, "Host", found="none", expected="one such header")
    if settings.token is not None:
        return
    name = host_name(host)
    if name == settings.host.lower() or "." not in name.strip(".") or is_address(name):
        return
    raise RefusalError(
        421,
        "Host",
        found=f"`{host[:100]}`",
        expected="an address, `localhost` or the name that the server was started with",
        fix="Start the server with this name as --host, or with --token.",
    )


def host_name(host: str) -> str:
    """Returns the name or address of a Host header, without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check_origin(method: str, headers: Mapping[bytes, bytes]) -> None:
    """Refuses a request that may change something and comes from a page of another site.

    Raises:
        RefusalError: 403.
    """
    if method in SAFE:
        return
    origin = headers.get(b"origin")
    site = headers.get(b"sec-fetch-site", b"none")
    foreign = origin is not None and origin.partition(b"://")[2].lower() != headers[b"host"].lower()
    if foreign or site not in (b"none", b"same-origin"):
        raise RefusalError(
            403,
            "Origin",
            found=f"`{(origin or site)[:100].decode('latin-1')}`",
            expected="a request from this server's own pages, or from a program",
        )


def check_token(authorization: bytes | None, access: Access, settings: Settings) -> None:
    """Refuses whoever does not show the token, as a program (Bearer) or as a browser that asked its user (Basic).

    Raises:
        RefusalError: 401, the token is missing or wrong; 403, the server has none, and the route is for its owner.
    """
    if access is Access.OPEN:
        return
    if settings.token is None:
        if access is Access.OWNER and not settings.loopback:
            raise RefusalError(
                403,
                "server",
                found="no token, and an address that others reach",
                expected="a token for this",
                fix="Start the server with --token.",
            )
        return
    shown = shown_token(authorization or b"")
    if not hmac.compare_digest(shown, settings.token.encode()):  # in constant time
        raise RefusalError(
            401,
            "Authorization",
            found="another token" if shown else "no token",
            expected="`Bearer` and the server's token, or `Basic` with the token as password",
            # The scheme that browsers ask their user for; Chromium does not where another one is named beside it.
            headers={"www-authenticate": 'Basic realm="tinydigits"'},
        )


def shown_token(authorization: bytes) -> bytes:
    """Returns the token of `Bearer TOKEN`, or of `Basic` and base64 of `anyone:TOKEN`; empty if there is none."""
    scheme, _, shown = authorization.partition(b" ")
    if scheme.lower() == b"bearer":
        return shown.strip()
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(shown.strip(), validate=True).partition(b":")[2]
    except ValueError:
        return b""
