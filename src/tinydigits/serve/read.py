"""`POST /v1/read`: the digits in a picture, as `tinydigits read --json` prints them."""

from collections.abc import AsyncGenerator
from typing import Any

from starlette.datastructures import QueryParams, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tinydigits.data.pictures import MAX_BYTES
from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.requests import gone, media_type
from tinydigits.serve.service import Service

# The part of a multipart body that is the picture.
FIELD = "image"
# The name of a picture that has none, as of one on stdin.
NAMELESS = "-"


async def read(service: Service, request: Request) -> Response:
    """Answer with the reading of the picture that is the body, or its part `image`."""
    service.ready_model()
    options = options_of(request.query_params)
    name, picture = await picture_of(request)
    if not picture:
        raise RefusalError(400, "body", found="nothing", expected="a picture")
    reading = await service.read(picture, options, gone(request))
    return JSONResponse({"file": name, **reading})


def options_of(query: QueryParams) -> dict[str, Any]:
    """Returns arguments of `Reader.read`; raises RefusalError, 400, for those that are unknown or unusable."""
    unknown = set(query) - {"single", "signs", "min_confidence"}
    if unknown:
        name = min(unknown)
        raise RefusalError(400, "query", found=f"`{name[:100]}`", expected="single, signs or min_confidence")
    return {
        "single": truth(query, "single"),
        "signs": truth(query, "signs"),
        "min_confidence": share(query, "min_confidence"),
    }


def truth(query: QueryParams, name: str) -> bool:
    value = query.get(name, "false")
    if value not in ("true", "false"):
        raise RefusalError(400, name, found=f"`{value[:100]}`", expected="true or false")
    return value == "true"


def share(query: QueryParams, name: str) -> float:
    text = query.get(name, "0")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise RefusalError(400, name, found=f"`{text[:100]}`", expected="a number from 0 to 1")
    return value


async def picture_of(request: Request) -> tuple[str, bytes]:
    """Returns the name and the bytes of a picture."""
    body = await request.body()
    if media_type(request) != "multipart/form-data":
        return NAMELESS, body
    return await part_of(request, body)


class InMemory(MultiPartParser):
    """Starlette's parser, which writes no file: the body is in memory anyway."""

    spool_max_size = MAX_BYTES * 2


async def part_of(request: Request, body: bytes) -> tuple[str, bytes]:
    """Returns name and bytes of the part of a body that is the picture; raises RefusalError, 400, if there is none."""
    try:
        form = await InMemory(request.headers, once(body), max_files=1, max_fields=0).parse()
    except (MultiPartException, KeyError, UnicodeError) as error:
        raise no_part(
            f"a body that is no such form ({getattr(error, 'message', 'its parts cannot be told')})"
        ) from error
    try:
        part = form.get(FIELD)
        if not isinstance(part, UploadFile):
            raise no_part(f"the parts {', '.join(form) or '(none)'}"[:200])
        return part.filename or NAMELESS, await part.read()
    finally:
        await form.close()


async def once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def no_part(found: str) -> RefusalError:
    return RefusalError(400, "body", found=found, expected=f"multipart/form-data with one file named `{FIELD}`")
