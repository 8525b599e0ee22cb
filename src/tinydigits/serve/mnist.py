"""`GET /v1/mnist/{name}`: MNIST as the package holds it, for what the page shows and trains."""

import asyncio
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from tinydigits.data.dataset import stored_bytes
from tinydigits.serve.refusal import RefusalError

# The names of the parts of MNIST, and those of their files.
FILES = {
    "train-images": "train-images-idx3-ubyte",
    "train-labels": "train-labels-idx1-ubyte",
    "test-images": "t10k-images-idx3-ubyte",
    "test-labels": "t10k-labels-idx1-ubyte",
}
# The files are compressed already. They never change.
HEADERS = {"content-encoding": "gzip", "cache-control": "private, max-age=86400"}


async def mnist_file(request: Request) -> Response:
    """Answer with a file, as it is stored."""
    name = request.path_params["name"]
    if name not in FILES:
        raise RefusalError(404, "MNIST", found=f"`{name[:100]}`", expected=f"one of {', '.join(FILES)}")
    return Response(await asyncio.to_thread(checked, name), 200, HEADERS, "application/octet-stream")


@cache
def checked(name: str) -> bytes:
    return stored_bytes(FILES[name])
