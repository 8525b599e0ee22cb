"""A request that is not answered as asked, and what is said of it."""

from collections.abc import Mapping
from types import MappingProxyType

from tinydigits.errors import TinydigitsError

# How many seconds a client that was answered 503 should wait.
RETRY_SECONDS = 1
NOTHING: Mapping[str, str] = MappingProxyType({})


class RefusalError(TinydigitsError):
    """A request that the server refuses; the message goes to the client.

    Args:
        status: the HTTP status.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        subject: str,
        *,
        found: str,
        expected: str,
        fix: str = "",
        headers: Mapping[str, str] = NOTHING,
    ) -> None:
        super().__init__(subject, found=found, expected=expected, fix=fix)
        self.status = status
        self.headers = headers


def busy(found: str, expected: str) -> RefusalError:
    """Returns the one refusal that is no fault of the client: 503, to be tried again."""
    return RefusalError(
        503,
        "server",
        found=found,
        expected=expected,
        fix="Try again later.",
        headers={"retry-after": str(RETRY_SECONDS)},
    )
