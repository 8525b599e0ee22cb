"""What people paste: each call of `model.fit`, made with `tinydigits.fit`, comes to what Keras comes to."""

import keras
import numpy as np
import pytest
from keras import layers

import tinydigits

IMAGES = np.random.default_rng(0).uniform(0, 1, (120, 8, 8, 1)).astype(np.float32)
LABELS = (4 * IMAGES.mean(axis=(1, 2, 3)) * 7).astype(np.int64) % 4
VALIDATION = IMAGES[:40], LABELS[:40]


def convolutional(*first, optimizer=None):
    """A small convolutional net, the same weights every time."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [*first, layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(4, activation="softmax")]
    )
    return compiled(model, optimizer or keras.optimizers.Adam(0.01))


def compiled(model, optimizer="sgd"):
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def usual():
    return convolutional(layers.Input((8, 8, 1)))


def both(make=usual, x=IMAGES, y=LABELS, callbacks=None, **settings):
    """(history, model, reasons) of ours and of Keras; nothing is shuffled, so that both take the same steps."""
    settings = {"epochs": 3, "verbose": 0, "shuffle": False, **settings}
    reasons = []
    ours, theirs = make(), make()
    chosen = [{} if callbacks is None else {"callbacks": callbacks()} for _ in range(2)]
    history = tinydigits.fit(ours, x, y, on_fallback=reasons.append, **settings, **chosen[0])
    return (history, ours, [str(each) for each in reasons]), (theirs.fit(x, y, **settings, **chosen[1]), theirs, [])


def assert_alike(ours, theirs, native=True):
    assert (ours[2] == []) == native, ours[2]
    assert list(ours[0].history) == list(theirs[0].history)
    assert ours[0].epoch == theirs[0].epoch
    for name, values in theirs[0].history.items():
        np.testing.assert_allclose(ours[0].history[name], values, rtol=2e-3, atol=2e-4, err_msg=name)
    for one, other in zip(ours[1].get_weights(), theirs[1].get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=5e-3, atol=2e-4)


SCORED = {"validation_data": VALIDATION}
NATIVE = {
    "validation_split": {"validation_split": 0.2},
    "validation_data": {"validation_data": VALIDATION},
    "initial_epoch": {"initial_epoch": 1},
    "validation_freq": {"validation_data": VALIDATION, "validation_freq": 2},
    "validation_freq as a list": {"validation_data": VALIDATION, "validation_freq": [1, 3]},
    "batch_size None": {"batch_size": None},
    "validation_batch_size": {"validation_data": VALIDATION, "validation_batch_size": 7},
    "tensors": {"x": keras.ops.convert_to_tensor(IMAGES), "y": keras.ops.convert_to_tensor(LABELS)},
    "labels in a column": {"y": LABELS[:, None]},
    "class_weight": {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}},
    "sample_weight": {"sample_weight": np.linspace(0, 1, 120)},
    "sample_weight, split": {"sample_weight": np.linspace(0, 1, 120), "validation_split": 0.25},
    "class_weight, split": {"class_weight": {0: 3.0}, "validation_split": 0.25},
    "validation with weights": {"validation_data": (*VALIDATION, np.linspace(0, 1, 40))},
    "float64": {"x": IMAGES.astype(np.float64)},
}
BY_KERAS = {"steps_per_epoch": {"steps_per_epoch": 2}, "validation_steps": {"validation_steps": 1, **SCORED}}


@pytest.mark.parametrize("settings", NATIVE.values(), ids=NATIVE)
def test_an_argument_is_taken_natively(settings):
    assert_alike(*both(**settings))


@pytest.mark.parametrize("name", BY_KERAS)
def test_an_argument_is_left_to_keras_with_one_line_that_names_it(name):
    ours, theirs = both(**BY_KERAS[name])
    assert_alike(ours, theirs, native=False)
    assert len(ours[2]) == 1
    assert next(iter(BY_KERAS[name])) in ours[2][0]


MONITORS = {
    "EarlyStopping": lambda: [keras.callbacks.EarlyStopping("val_accuracy", patience=1, restore_best_weights=True)],
    "EarlyStopping on accuracy": lambda: [keras.callbacks.EarlyStopping("accuracy", patience=1)],
    "ReduceLROnPlateau": lambda: [keras.callbacks.ReduceLROnPlateau("val_accuracy", patience=1, factor=0.1)],
    "one callback, no list": lambda: keras.callbacks.EarlyStopping("accuracy", patience=2),
    "LearningRateScheduler": lambda: [keras.callbacks.LearningRateScheduler(lambda epoch: 0.01 / (epoch + 1))],
    "TerminateOnNaN": lambda: [keras.callbacks.TerminateOnNaN()],
}


@pytest.mark.parametrize("name", MONITORS)
def test_a_callback_acts_as_in_keras(name):
    ours, theirs = both(callbacks=MONITORS[name], validation_data=VALIDATION, epochs=8)
    assert_alike(ours, theirs, native=name != "TerminateOnNaN")


def test_a_checkpoint_of_the_best_accuracy_is_the_same_file(tmp_path):
    paths = iter([tmp_path / "ours.keras", tmp_path / "theirs.keras"])
    best = {"monitor": "val_accuracy", "save_best_only": True}
    ours, theirs = both(
        callbacks=lambda: [keras.callbacks.ModelCheckpoint(next(paths), **best)], validation_data=VALIDATION
    )
    assert_alike(ours, theirs)
    saved = [keras.saving.load_model(tmp_path / f"{name}.keras").get_weights() for name in ("ours", "theirs")]
    for one, other in zip(*saved, strict=True):
        np.testing.assert_allclose(one, other, rtol=5e-3, atol=2e-4)


def test_a_flat_input_trains_natively():
    def flat():
        keras.utils.set_random_seed(0)
        parts = [layers.Input((64,)), layers.Dense(6, activation="relu"), layers.Dense(4, "softmax")]
        return compiled(keras.Sequential(parts))

    assert_alike(*both(flat, x=IMAGES.reshape(120, 64)))


def test_a_model_without_an_input_layer_trains_natively():
    assert_alike(*both(convolutional))


def test_a_functional_chain_trains_natively():
    def chain():
        keras.utils.set_random_seed(0)
        start = x = layers.Input((8, 8, 1))
        for layer in (layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(4, "softmax")):
            x = layer(x)
        return compiled(keras.Model(start, x))

    assert_alike(*both(chain))


def test_a_functional_model_with_branches_is_left_to_keras():
    def branched():
        keras.utils.set_random_seed(0)
        start = layers.Input((8, 8, 1))
        flat = layers.Flatten()(start)
        sums = layers.add([layers.Dense(5)(flat), layers.Dense(5)(flat)])
        return compiled(keras.Model(start, layers.Dense(4, activation="softmax")(sums)))

    assert_alike(*both(branched), native=False)


def test_a_layer_used_twice_is_left_to_keras():
    def shared():
        keras.utils.set_random_seed(0)
        dense = layers.Dense(64)
        parts = [layers.Input((8, 8, 1)), layers.Flatten(), dense, dense, layers.Dense(4, "softmax")]
        return compiled(keras.Sequential(parts))

    assert_alike(*both(shared), native=False)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_model_that_rescales_its_pixels_trains_natively(kind):
    pixels = (255 * IMAGES).astype(kind)
    assert_alike(*both(lambda: convolutional(layers.Input((8, 8, 1)), layers.Rescaling(1 / 255)), x=pixels))


def test_bytes_are_the_numbers_that_they_are():
    def without_scaling():
        return convolutional(layers.Input((8, 8, 1)), optimizer=keras.optimizers.SGD(1e-6))

    assert_alike(*both(without_scaling, x=(255 * IMAGES).astype(np.uint8)))


def test_a_data_set_is_left_to_keras():
    import tensorflow as tf

    def batches():
        return tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(32)

    assert_alike(*both(x=batches(), y=None, validation_data=batches()), native=False)


def test_a_subclassed_model_is_left_to_keras():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.flatten, self.dense = layers.Flatten(), layers.Dense(4, activation="softmax")

        def call(self, x):
            return self.dense(self.flatten(x))

    def own():
        keras.utils.set_random_seed(0)
        return compiled(Own())

    assert_alike(*both(own), native=False)


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"x": IMAGES[:3]}, ValueError), ({"y": None}, ValueError), ({"x": IMAGES[..., 0, 0]}, ValueError)],
)
def test_what_keras_refuses_is_refused_with_its_own_error(settings, error):
    arguments = {"x": IMAGES, "y": LABELS, "verbose": 0, **settings}
    with pytest.raises(error):
        usual().fit(**arguments)
    with pytest.raises(error), pytest.warns(UserWarning, match="Keras trains this model"):
        tinydigits.fit(usual(), **arguments)


def test_keras_lines_an_epoch_are_printed_natively(capsys):
    tinydigits.fit(usual(), IMAGES, LABELS, epochs=2, verbose=2, engine="native")
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("Epoch")] == ["Epoch 1/2", "Epoch 2/2"]
    assert sum("accuracy" in line for line in lines) == 2
