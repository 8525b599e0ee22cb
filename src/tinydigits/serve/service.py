"""The model that answers: loaded, warmed up, asked in batches; and the processes that read pictures."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tinydigits.arrays import Float64Array, UInt8Images
from tinydigits.errors import UnsupportedError, UnsupportedLayerError
from tinydigits.export.learn_panel import served_learn_panel
from tinydigits.export.web_page import Panel, web_page
from tinydigits.formats import model_file
from tinydigits.formats.onnx.file import Metadata
from tinydigits.network.network import Network
from tinydigits.reader.normalise import SIDE
from tinydigits.reader.recogniser import Recogniser, recogniser_of
from tinydigits.serve.batching import MOST, Batcher, Classify, answers_alike
from tinydigits.serve.health import Health
from tinydigits.serve.log import Log
from tinydigits.serve.metrics import Metrics
from tinydigits.serve.pages import Page, alive
from tinydigits.serve.readings import Readings
from tinydigits.serve.refusal import busy
from tinydigits.serve.settings import Settings
from tinydigits.system.cores import available_cores

# The panels of the page that need a server alone, in order.
PANELS = ("served", "studio", "train", "runs")


@dataclass(frozen=True)
class Model:
    """A model that answers.

    Attributes:
        classify: uint8 [n, 28, 28] → calibrated probabilities of the ten digits and of no digit, float64 [n, 11].
        page: draws and reads digits in a browser; None where a browser cannot compute the net.
    """

    name: str
    parameters: int
    classify: Classify
    page: Page | None = None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "parameters": self.parameters, "input": [SIDE, SIDE], "answers": 11}


class Service:
    """All that answers need. Nothing of it is there before `warm_up` is done.

    Attributes:
        model: None until it is loaded.
    """

    def __init__(self, settings: Settings, health: Health, metrics: Metrics, log: Log) -> None:
        self.settings = settings
        self.health = health
        self.metrics = metrics
        self.log = log
        self.model: Model | None = None
        self.batcher: Batcher | None = None
        self.readings = Readings(
            settings.model, reading_processes(), settings.limits.waiting_readings, settings.limits.reading_seconds
        )

    async def warm_up(self) -> None:
        """Load the model off the event loop, have it answer, and start the reading processes.

        Raises:
            ModelError, ImageShapeError: the model cannot be used.
        """
        model = await asyncio.to_thread(loaded, self.settings.model)
        alike = await asyncio.to_thread(answers_alike, model.classify, trial_images())
        if not alike:
            self.log.write("note", message=f"{model.name} answers images together otherwise than alone: no batches")
        self.batcher = Batcher(
            model.classify,
            self.settings.limits.waiting_images,
            MOST if alike else 1,
            self.metrics.batches.observe,
            self.metrics.dropped.inc,
        )
        await self.readings.start()
        self.model = model
        self.health.warm = True

    def ready_model(self) -> Model:
        """Returns the model; raises RefusalError while there is none."""
        if self.model is None:
            raise busy("a model that is being loaded", "one that is ready")
        return self.model

    async def classify(self, images: UInt8Images, gone: Any) -> Float64Array:
        """Returns the probabilities of images, float64 [n, 11]; see `Batcher.ask` for what it raises."""
        self.ready_model()
        assert self.batcher is not None
        return await self.batcher.ask(images, gone)

    async def read(self, picture: bytes, options: Mapping[str, Any], gone: Any) -> dict[str, Any]:
        """Returns the reading of a picture, as JSON values; see `Readings.read` for what it raises."""
        self.ready_model()
        return await self.readings.read(picture, options, gone)

    async def close(self) -> None:
        """End the net's thread and the reading processes."""
        if self.batcher is not None:
            self.batcher.close()
        await self.readings.close()


def loaded(name: str) -> Model:
    """Loads a MODEL that reads digits.

    Raises:
        ModelError, ImageShapeError: it cannot be used.
    """
    try:
        network, metadata = model_file.load_network(name)
    except UnsupportedLayerError:  # Keras may know its layers
        model = model_file.load(name)
        return Model(model.name, model.parameters, partial(probabilities, recogniser_of(model)))
    model = model_file.from_network(network, metadata)
    return Model(model.name, model.parameters, partial(probabilities, recogniser_of(model)), page_of(network, metadata))


def page_of(network: Network, metadata: Metadata) -> Page | None:
    """Returns the page of a net; None if the page does not compute one of its layers."""
    try:
        return alive(web_page(network, metadata, [*map(Panel, PANELS), learning(network, metadata)]))
    except UnsupportedLayerError:
        return None


def learning(network: Network, metadata: Metadata) -> Panel:
    """Returns the panel that trains in the browser: the net of the page, or where it cannot, the best shipped one."""
    try:
        return served_learn_panel(network, metadata)
    except UnsupportedError:
        return served_learn_panel(*model_file.load_network(model_file.DEFAULT), carried=True)


def probabilities(recogniser: Recogniser, images: UInt8Images) -> Float64Array:
    return np.asarray(np.exp(recogniser.logarithms(images)))


def trial_images() -> UInt8Images:
    """Returns images that a net is tried on before it serves: strokes, dots, noise; uint8 [48, 28, 28]."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (48, SIDE, SIDE), dtype=np.uint8)
    noise[:16, :, :10] = noise[:32, :, 18:] = 0
    return noise


def reading_processes() -> int:
    """Returns how many pictures are read at once: half the cores, as the API for single digits needs some too."""
    return max(1, available_cores() // 2)
