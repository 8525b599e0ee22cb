"""`/healthz`, `/readyz`, `/metrics`, `/v1/models` and `/`: how the server is, and what it serves."""

from starlette.responses import JSONResponse, Response

from tinydigits.serve.health import Health
from tinydigits.serve.metrics import CONTENT_TYPE, Metrics
from tinydigits.serve.pages import WAITING, still
from tinydigits.serve.refusal import RETRY_SECONDS, RefusalError
from tinydigits.serve.service import Service


def health_answer() -> Response:
    """Answers that the server lives, which it does if it can answer at all."""
    return JSONResponse({"status": "ok"})


def ready_answer(health: Health) -> Response:
    """Answers whether the server takes requests: 200, or 503 with a reason."""
    if health.ready:
        return JSONResponse({"ready": True})
    reason = "the server ends" if health.draining else "the model is being loaded"
    return JSONResponse({"ready": False, "reason": reason}, 503, {"retry-after": str(RETRY_SECONDS)})


def metrics_answer(metrics: Metrics) -> Response:
    return Response(metrics.text(), media_type=CONTENT_TYPE)


def models_answer(service: Service) -> Response:
    """Answers with the one model that is served; raises RefusalError, 503, while it is being loaded."""
    return JSONResponse({"models": [service.ready_model().as_json()]})


def page_answer(service: Service) -> Response:
    """Answers with the page of the net; raises RefusalError, 404, where the page does not compute the net."""
    if service.model is None:
        waiting = still(WAITING).response(503)
        waiting.headers["retry-after"] = str(RETRY_SECONDS)
        return waiting
    if service.model.page is None:
        raise RefusalError(
            404, "/", found=f"{service.model.name}, a net that no page computes", expected="/v1/classify"
        )
    return service.model.page.response()
