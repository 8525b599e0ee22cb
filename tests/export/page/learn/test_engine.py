"""The module in the page takes the steps of the native engine."""

import numpy as np
import pytest

from helpers.browser import needs_browser, page_with
from tinydigits.data.dataset import bundled, mnist_test
from tinydigits.engine.compiler.build import build
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.compiler.weights import pack, unpack
from tinydigits.engine.runtime.job import Epoch, Examples, RuleNumbers, State
from tinydigits.engine.runtime.program import Program
from tinydigits.export.learn_panel import learn_panel
from tinydigits.export.wasm.learning import learning_from
from tinydigits.formats.model_file import load_network

pytestmark = needs_browser
IMAGES = 200
ENTRY = """
import { bytesOf, unpacked } from "./bytes.js";
import { engineOf, setWeights, view, weightsOf } from "./learn/engine.js";
import { trainingOf, tested } from "./learn/training.js";
window.steps = async (data, weights, order, rates) => {
  const settings = { ...JSON.parse(data["learn-settings"]), smoothing: 0 };
  const engine = await engineOf(bytesOf(data["learn-module"]));
  const set = async (name) => ({
    images: await unpacked(data[`learn-${name}-images`]), labels: await unpacked(data[`learn-${name}-labels`]),
  });
  const training = trainingOf(engine, settings, { train: await set("train"), test: await set("test") });
  setWeights(engine, settings.places, weights.map((values) => Float32Array.from(values)));
  view(engine, Int32Array, training.places.order, order.length).set(order);
  view(engine, Float32Array, training.places.rates, rates.length).set(rates);
  engine.begin(training.places.order, order.length, settings.batch, training.places.rates, 0, 0, 0);
  engine.steps_to(rates.length);
  return { weights: weightsOf(engine, settings.places).map((values) => Array.from(values)), ...tested(training) };
};
"""


@pytest.fixture(scope="module")
def page(chromium):
    with page_with(chromium, ENTRY) as opened:
        yield opened


@pytest.mark.parametrize("name", ["cnn", "mlp", "pocket-1k"])
def test_the_same_batches_give_the_weights_of_the_native_engine(page, name):
    network, metadata = load_network(name)
    train, test = bundled("train")[:IMAGES], mnist_test()[:IMAGES]
    learning = learning_from(metadata.recipe)
    order = np.random.default_rng(0).permutation(IMAGES).astype(np.int32)
    rates = [1e-3] * -(-IMAGES // learning.batch_size)
    panel = learn_panel(network, metadata, train, test)
    given = [weight.ravel().tolist() for weight in network.weights]
    answered = page.evaluate("(given) => steps(...given)", [dict(panel.data), given, order.tolist(), rates])

    plan = make_plan(network, learning.loss, learning.rule)
    program = Program(plan, build(emit(plan)))
    slots = tuple(np.zeros(plan.trained, np.float32) for _ in range(2))
    state = State(pack(plan.slots, network.weights), slots, 0)
    epoch = Epoch(order, learning.batch_size)
    after, _ = program.train(state, examples(train), epoch, RuleNumbers(1e-3, **learning.numbers))
    for ours, theirs, before in zip(
        answered["weights"], unpack(plan.slots, after.weights), network.weights, strict=True
    ):
        assert np.abs(theirs - before).max() > 0
        assert np.allclose(np.reshape(ours, theirs.shape), theirs, rtol=1e-3, atol=2e-5)
    assert answered["accuracy"] == program.score(after.weights, examples(test)).accuracy


def examples(dataset):
    return Examples(dataset.images, np.eye(10, dtype=np.float32)[dataset.labels])
