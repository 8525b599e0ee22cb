"""`POST /v1/classify`: which digit each image of 28×28 pixels shows."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from tinydigits.arrays import Float64Array, UInt8Images
from tinydigits.data.dataset import CLASSES
from tinydigits.serve.pixels import images_from_bytes, images_from_lists, no_images
from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.requests import gone, json_from, media_type
from tinydigits.serve.service import Service

# Most bytes of a body: 1,024 images as JSON, with some white space.
MOST_BYTES = 8_000_000


async def classify(service: Service, request: Request) -> Response:
    """Answer with a digit, its confidence and all probabilities for each image."""
    model = service.ready_model()
    images = images_of(media_type(request), await request.body())
    probabilities = await service.classify(images, gone(request))
    body = orjson.dumps({"model": model.name, "answers": answers(probabilities)})
    return Response(body, media_type="application/json")


def images_of(kind: str, body: bytes) -> UInt8Images:
    """Returns the images of a body; raises RefusalError, 400, 413 or 415, if it holds none."""
    if kind == "application/octet-stream":
        return images_from_bytes(body)
    if kind != "application/json":
        raise RefusalError(
            415,
            "Content-Type",
            found=f"`{kind[:100]}`" if kind else "none",
            expected="application/json or application/octet-stream",
        )
    document = json_from(body)
    if not isinstance(document, dict) or "images" not in document:
        raise no_images()
    return images_from_lists(document["images"])


def answers(probabilities: Float64Array) -> list[dict[str, Any]]:
    """Returns JSON values for probabilities [n, 11]: of the ten digits, and of no digit."""
    return [
        {
            "digit": (digit := max(range(CLASSES), key=row.__getitem__)),
            "confidence": round(row[digit], 4),
            "probabilities": [round(value, 6) for value in row[:CLASSES]],
            "no_digit": round(row[CLASSES], 6),
        }
        for row in probabilities.tolist()
    ]
