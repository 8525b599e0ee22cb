"""Whatever tutorials hold at `fit`, `tinydigits.fit` does what Keras' own does: the same history, or the same error."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import tinydigits

FEW = settings(max_examples=10, deadline=None, derandomize=True, database=None)
MANY = settings(FEW, max_examples=250, derandomize=False)

IMAGES = np.random.default_rng(0).uniform(0, 1, (40, 8, 8, 1)).astype(np.float32)
LABELS = np.arange(40) % 4
ONE_HOT = np.eye(4, dtype=np.float32)[LABELS]
HALF = IMAGES[:20], LABELS[:20]


def sequential(*middle, first=(8, 8, 1)):
    start = [] if first is None else [layers.Input(first)]
    return keras.Sequential([*start, *middle, layers.Flatten(), layers.Dense(4, activation="softmax")])


def functional():
    start = layers.Input((8, 8, 1))
    return keras.Model(start, layers.Dense(4, activation="softmax")(layers.Flatten()(start)))


def shared():
    dense = layers.Dense(8)
    return sequential(dense, dense, first=(8, 8, 8))


def shared_activation():
    relu = layers.ReLU()
    return sequential(relu, layers.Conv2D(2, 3), relu)


def of_any_size():
    parts = [layers.Conv2D(4, 3), layers.GlobalAveragePooling2D(), layers.Softmax()]
    return keras.Sequential([layers.Input((None, None, 1)), *parts])


def patched(name):
    """A model with a method of its own; it does what Keras' method does."""
    model = sequential()
    setattr(model, name, getattr(model, name))
    return model


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten, self.dense = layers.Flatten(), layers.Dense(4, activation="softmax")

    def call(self, x):
        return self.dense(self.flatten(x))


MODELS = {
    "sequential": sequential,
    "convolutional": lambda: sequential(layers.Conv2D(2, 3, activation="relu"), layers.MaxPooling2D()),
    "without an input layer": lambda: sequential(first=None),
    "flat": lambda: keras.Sequential([layers.Input((64,)), layers.Dense(4, activation="softmax")]),
    "functional": functional,
    "a layer used twice": shared,
    "an activation used twice": shared_activation,
    "images of any size": of_any_size,
    "nested": lambda: sequential(keras.Sequential([layers.Conv2D(2, 3)])),
    "subclass": Own,
    "its own compute_loss": lambda: patched("compute_loss"),
    "its own test_step": lambda: patched("test_step"),
    "rescaling": lambda: sequential(layers.Rescaling(1 / 255)),
    "tanh": lambda: sequential(layers.Activation("tanh")),
}
SPARSE = "sparse_categorical_crossentropy"
COMPILED = {
    "usual": {"optimizer": "sgd", "loss": SPARSE, "metrics": ["accuracy"]},
    "adam": {"optimizer": "adam", "loss": SPARSE},
    "one-hot": {"optimizer": "sgd", "loss": "categorical_crossentropy", "metrics": ["acc"]},
    "squares": {"optimizer": "sgd", "loss": "mse", "metrics": ["mae"]},
    "rmsprop": {"optimizer": "rmsprop", "loss": SPARSE, "weighted_metrics": ["accuracy"]},
    "no loss": {"optimizer": "sgd"},
    "no such loss": {"optimizer": "sgd", "loss": "nonsense"},
    "no such metric": {"optimizer": "sgd", "loss": SPARSE, "metrics": ["nonsense"]},
    "metrics that are no list": {"optimizer": "sgd", "loss": SPARSE, "metrics": "accuracy"},
    "several steps at once": {"optimizer": "sgd", "loss": SPARSE, "steps_per_execution": 2},
    "not at all": None,
}
HIDDEN = np.ma.masked_array(IMAGES, IMAGES > 0.5)
ARGUMENTS = {
    "x": [
        IMAGES[..., 0],
        IMAGES.reshape(40, 64),
        IMAGES.astype(np.float64),
        (255 * IMAGES).astype(np.uint8),
        IMAGES.tolist(),
        [IMAGES],
        (IMAGES,),
        {"image": IMAGES},
        HIDDEN,
        IMAGES > 0.5,
        IMAGES.astype(object),
        IMAGES[:30],
        np.repeat(IMAGES, 3, -1),
        None,
        "images",
        np.float32(3),
        np.array(3.0),
        keras.ops.convert_to_tensor(IMAGES),
        (9 * IMAGES).astype(np.int64),
    ],
    "y": [
        ONE_HOT,
        LABELS[:, None],
        LABELS.astype(np.float64),
        LABELS.tolist(),
        LABELS + 1,
        LABELS - 1,
        LABELS[:3],
        np.array(list("abcd") * 10),
        LABELS.astype(object),
        None,
        LABELS + 0.5,
        LABELS == 1,
        ONE_HOT.astype(str),
        np.ma.masked_array(LABELS, LABELS == 1),
        keras.ops.convert_to_tensor(LABELS),
    ],
    "batch_size": [None, 1, 7, 64, 0, -1, 2.5, "8", np.int32(8), True],
    "epochs": [0, 1, 3, -1, 2.0, "2", None],
    "callbacks": [None, [], {}, False, "early", [None], [3], [[]], keras.callbacks.Callback],
    "validation_split": [0.25, 0, 1.0, -0.1, 0.999, 0.001, "half", None, True],
    "validation_data": [
        HALF,
        list(HALF),
        (*HALF, np.linspace(0, 1, 20)),
        (*HALF, None),
        IMAGES,
        (),
        "some",
        (IMAGES, LABELS[:3]),
        (IMAGES[:0], LABELS[:0]),
        (IMAGES[:, :4], LABELS),
        (HIDDEN, LABELS),
    ],
    "shuffle": [False, 0, None],
    "class_weight": [{0: 2.0}, {}, {99: 2.0}, {"a": 2.0}, {0: "a"}, "balanced", [1, 2, 3, 4], {np.int64(1): 2}],
    "sample_weight": [
        np.linspace(0, 1, 40),
        np.ones((40, 1)),
        np.ones((40, 2)),
        np.ones(3),
        [1.0] * 40,
        "all",
        np.zeros(40),
        np.ma.masked_array(np.ones(40), LABELS == 1),
    ],
    "initial_epoch": [0, 1, 5, -1, None, 1.0],
    "steps_per_epoch": [1, 0, "all"],
    "validation_steps": [1, 0],
    "validation_batch_size": [None, 3, 0, "all"],
    "validation_freq": [1, 2, [2], [], 0, -1, None, {1}, range(1, 3), 1.5, "all", np.array([1])],
    "verbose": [0, None, -1],
}
USUAL = {"x": IMAGES, "y": LABELS, "epochs": 2, "verbose": 0, "shuffle": False, "batch_size": 16}
CHANGES = st.lists(st.sampled_from(sorted(ARGUMENTS)), max_size=2, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: st.sampled_from(ARGUMENTS[name]) for name in names})
)
# Half of all models are usual: else the first refusal would hide what is wrong with the arguments.
CALLS = st.tuples(
    st.just("convolutional") | st.sampled_from(sorted(MODELS)), st.just("usual") | st.sampled_from(sorted(COMPILED))
)


def made(name, how):
    keras.utils.set_random_seed(0)
    model = MODELS[name]()
    if COMPILED[how] is not None:
        model.compile(**COMPILED[how], jit_compile=False)  # else most of the time goes into XLA
    return model


def outcome(fit):
    """The history of a training, or the type of the error that ended it."""
    try:
        return fit().history
    except Exception as error:
        return type(error)


def assert_the_same(call, changes):
    ours, theirs = made(*call), made(*call)
    given = {**USUAL, **changes}
    expected = outcome(lambda: theirs.fit(**given))
    found = outcome(lambda: tinydigits.fit(ours, **given, on_fallback=lambda reason: None))
    if isinstance(expected, type) or isinstance(found, type):
        assert found is expected
        return
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=2e-3, atol=1e-3, err_msg=name)


@FEW
@given(CALLS, CHANGES)
def test_any_call_comes_to_what_keras_comes_to(call, changes):
    assert_the_same(call, changes)


@pytest.mark.long
@MANY
@given(CALLS, CHANGES)
def test_many_calls_come_to_what_keras_comes_to(call, changes):
    assert_the_same(call, changes)


@pytest.mark.long
@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ARGUMENTS.items() for value in values])
def test_each_value_of_an_argument_comes_to_what_keras_comes_to(name, value):
    assert_the_same(("convolutional", "usual"), {name: value})
