"""The table of routes: what is answered where, to whom, and how the OpenAPI document describes it."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tinydigits.serve.refusal import RefusalError

Answer = Callable[[Request], Awaitable[Response]]
# Most bytes of the body of a request that needs none.
NO_BODY = 65_536


class Access(Enum):
    """Who may use a route."""

    OPEN = "everyone, also without the token"
    GUARDED = "whoever shows the token, where there is one"
    OWNER = "the owner: this machine alone, or the token"


@dataclass(frozen=True)
class Route:
    """One method of one path.

    Attributes:
        path: may have parts in braces, such as `/v2/models/{model}`; each stands for one or more characters but `/`.
        answer: makes the response; raises `RefusalError`.
        most_bytes: of the request's body.
        operation: the OpenAPI operation; None for a page, which the document leaves out.
    """

    method: str
    path: str
    answer: Answer
    access: Access = Access.GUARDED
    most_bytes: int = NO_BODY
    operation: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Table:
    """Finds routes by method and path; HEAD is answered as GET is.

    Args:
        routes: of several that match a path, those without braces win.
    """

    routes: tuple[Route, ...]
    exact: dict[str, dict[str, Route]] = field(default_factory=dict, init=False)
    patterns: list[tuple[re.Pattern[str], dict[str, Route]]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        for route in self.routes:
            self.exact.setdefault(route.path, {})[route.method] = route
        for path in [path for path in self.exact if "{" in path]:
            self.patterns.append((pattern_of(path), self.exact.pop(path)))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Returns the route and what stands in place of its braces.

        Raises:
            RefusalError: 404, there is no such path; 405, not with this method.
        """
        methods, parameters = self.at(path)
        route = methods.get("GET" if method == "HEAD" else method)
        if route is None:
            allowed = allowed_methods(methods)
            raise RefusalError(405, path, found=method, expected=allowed, headers={"allow": allowed})
        return route, parameters

    def at(self, path: str) -> tuple[dict[str, Route], dict[str, str]]:
        """Returns the routes of a path by method."""
        if path in self.exact:
            return self.exact[path], {}
        for pattern, methods in self.patterns:
            if match := pattern.fullmatch(path):
                return methods, match.groupdict()
        raise RefusalError(404, path[:100], found="no such path", expected="one that /docs lists")


def pattern_of(path: str) -> re.Pattern[str]:
    """Returns the pattern of a path with parts in braces."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def allowed_methods(methods: Iterable[str]) -> str:
    named = set(methods)
    return ", ".join(sorted(named | ({"HEAD"} if "GET" in named else set())))


def at_once(answer: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Returns an answer to requests that say nothing but their path."""

    async def answered(request: Request) -> Response:
        return answer()

    return answered
