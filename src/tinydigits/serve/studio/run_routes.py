"""`/v1/runs` and `/v1/look`: the runs in the server's folder, and what can be seen of each."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tinydigits.serve.routes import Access, Route
from tinydigits.serve.runs import Runs
from tinydigits.serve.studio import run_operations
from tinydigits.serve.studio.looks import look_at


def run_routes(runs: Runs) -> tuple[Route, ...]:
    """Returns the routes of runs; all are the owner's."""

    async def look(request: Request) -> Response:
        folder = request.query_params.get("run", "")
        told = await runs.told_of(folder)
        return JSONResponse(await asyncio.to_thread(look_at, runs.place / folder, told))

    return (
        Route("GET", "/v1/runs", runs.answer, Access.OWNER, operation=run_operations.RUNS),
        Route("GET", "/v1/look", look, Access.OWNER, operation=run_operations.LOOK_AT),
    )
