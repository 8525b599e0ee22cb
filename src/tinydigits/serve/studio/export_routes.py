"""`/v1/exports`: nets of runs in other forms."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.requests import gone, json_body
from tinydigits.serve.routes import Access, Route
from tinydigits.serve.runs import Runs
from tinydigits.serve.studio import run_operations
from tinydigits.serve.studio.exports import FORMS, Exports, Form, forms

MEMBERS = ("run", "to", "int8")


def export_routes(exports: Exports, runs: Runs) -> tuple[Route, ...]:
    """Returns the routes of exports; all are the owner's."""

    async def listed(request: Request) -> Response:
        return JSONResponse({"forms": [form.as_json() for form in forms()]})

    async def write(request: Request) -> Response:
        folder, form = order_from(await json_body(request))
        await runs.told_of(folder)
        name = folder.replace("/", "-")
        return JSONResponse(await exports.write(runs.place / folder, name, form, gone(request)))

    async def download(request: Request) -> Response:
        content = exports.find(request.path_params["export"]).content
        return Response(content, headers={"cache-control": "no-store"}, media_type="application/octet-stream")

    return (
        Route("GET", "/v1/exports", listed, Access.OWNER, operation=run_operations.FORMS_LISTED),
        Route("POST", "/v1/exports", write, Access.OWNER, operation=run_operations.EXPORT),
        Route("GET", "/v1/exports/{export}", download, Access.OWNER, operation=run_operations.DOWNLOAD),
    )


def order_from(document: Any) -> tuple[str, Form]:
    """Returns the folder of the run and the form that a request's JSON values ask for.

    Raises:
        RefusalError: 400, they ask for none.
    """
    if not isinstance(document, dict) or not set(document) <= set(MEMBERS):
        raise RefusalError(400, "body", found="something else", expected=f"an object with {', '.join(MEMBERS)}")
    run, to, int8 = document.get("run"), document.get("to"), document.get("int8", False)
    if not isinstance(run, str):
        raise RefusalError(400, "run", found="no name", expected="the folder of a run")
    if not isinstance(int8, bool):
        raise RefusalError(400, "int8", found=f"`{str(int8)[:100]}`", expected="true or false")
    found = [form for form in FORMS if (form.to, form.int8) == (to, int8)]
    if not found:
        names = ", ".join(dict.fromkeys(form.to for form in FORMS))
        asked = f"`{str(to)[:100]}`{' of 8 bits' if int8 else ''}"
        raise RefusalError(400, "to", found=asked, expected=f"one of {names}; html has no int8")
    return run, found[0]
