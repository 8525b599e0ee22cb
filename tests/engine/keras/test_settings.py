"""The allow-list: what is not on it is named, and left to Keras."""

import keras
import numpy as np
import pytest

from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.keras.rates import read_rule_numbers
from tinydigits.engine.keras.settings import check_callbacks, read_settings
from tinydigits.errors import UnsupportedError
from tinydigits.formats.keras_bridge import network_from_keras

layers, losses, metrics, optimizers = keras.layers, keras.losses, keras.metrics, keras.optimizers


def model_of(*middle, last=None, compile_it=True, **settings):
    last = last or layers.Dense(4, activation="softmax")
    model = keras.Sequential([layers.Input((8, 8, 1)), *middle, layers.Flatten(), last])
    if compile_it:
        model.compile(**{"optimizer": "sgd", "loss": "mean_squared_error", **settings})
    return model


def frozen(layer):
    layer.trainable = False
    return layer


def without_decay(*names):
    optimizer = optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=list(names))
    return optimizer


@pytest.mark.parametrize(
    ("middle", "reason"),
    [
        (layers.Conv2D(2, 3, kernel_regularizer="l2"), "kernel_regularizer"),
        (layers.Conv2D(2, 3, activity_regularizer="l2"), "activity_regularizer"),
        (layers.Conv2D(2, 3, bias_constraint="non_neg"), "bias_constraint"),
        (layers.Conv2D(2, 3, groups=1, dilation_rate=2), "dilation_rate"),
        (layers.Dropout(0.5, noise_shape=(None, 1, 1, 1)), "noise_shape"),
        (layers.Dropout(0.5, seed=0), "seed"),
        (layers.Conv2D(2, 3, dtype="bfloat16"), "bfloat16"),
        (layers.BatchNormalization(scale=False), "scale"),
        (layers.BatchNormalization(renorm=True), "renorm"),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), "depth_multiplier"),
        (layers.ReLU(negative_slope=0.1), "negative_slope"),
        (layers.LayerNormalization(), "without a native kernel"),
        (frozen(layers.Conv2D(2, 3)), "trainable=False"),
    ],
)
def test_a_layer_option_without_a_kernel_is_named(middle, reason):
    with pytest.raises(UnsupportedError, match=rf"layer `\w+` \(\w+\).*{reason}"):
        read_settings(model_of(middle))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"optimizer": "rmsprop"}, "RMSprop"),
        ({"optimizer": optimizers.SGD(clipnorm=1.0)}, "clipnorm"),
        ({"optimizer": optimizers.Adam(amsgrad=True)}, "amsgrad"),
        ({"optimizer": optimizers.Adam(use_ema=True, ema_overwrite_frequency=5)}, "ema_overwrite_frequency=5"),
        ({"optimizer": optimizers.Nadam()}, "Nadam; expected one of SGD, Adam, AdamW"),
        ({"optimizer": without_decay("bias")}, "exclude_from_weight_decay"),
        ({"optimizer": without_decay()}, "exclude_from_weight_decay"),
        ({"optimizer": optimizers.SGD(gradient_accumulation_steps=2)}, "gradient_accumulation_steps"),
        ({"optimizer": optimizers.Adam(lambda: 0.1)}, "learning rate function"),
        ({"loss": "mean_absolute_error"}, "absolute_error"),
        ({"loss": "no_such_loss"}, "no_such_loss"),
        ({"loss": losses.CategoricalCrossentropy(from_logits=True)}, "from_logits"),
        ({"loss": losses.MeanSquaredError(reduction="sum")}, "reduction"),
        ({"loss": losses.SparseCategoricalCrossentropy(ignore_class=0)}, "ignore_class"),
        ({"loss_weights": [2.0]}, "loss_weights"),
        ({"metrics": ["mse"]}, "mse"),
        ({"metrics": ["accuracy", "mse"]}, "2 of them"),
        ({"weighted_metrics": ["accuracy"]}, "weighted"),
        ({"metrics": [metrics.SparseCategoricalAccuracy()]}, "SparseCategoricalAccuracy"),
        ({"run_eagerly": True}, "run_eagerly"),
    ],
)
def test_a_training_option_without_a_kernel_is_named(settings, reason):
    with pytest.raises(UnsupportedError, match=reason):
        read_settings(model_of(**settings))


def test_logits_need_a_loss_that_expects_them():
    last = layers.Dense(4)
    read_settings(model_of(last=last, loss=losses.CategoricalCrossentropy(from_logits=True)))
    with pytest.raises(UnsupportedError, match="from_logits"):
        read_settings(model_of(last=layers.Dense(4), loss="categorical_crossentropy"))


def test_models_that_are_not_compiled_or_no_chain_are_named():
    with pytest.raises(UnsupportedError, match="not compiled"):
        read_settings(model_of(compile_it=False))
    start = keras.Input((4,))
    branched = keras.Model(start, layers.add([layers.Dense(2)(start), layers.Dense(2)(start)]))
    with pytest.raises(UnsupportedError, match="Functional"):
        read_settings(branched)


@pytest.mark.parametrize(
    ("loss", "metric", "name"),
    [
        ("mse", "accuracy", "accuracy"),
        (losses.MeanSquaredError(), "acc", "acc"),
        ("categorical_crossentropy", metrics.CategoricalAccuracy(name="right"), "right"),
        (losses.categorical_crossentropy, "categorical_accuracy", "categorical_accuracy"),
        ("sparse_categorical_crossentropy", "sparse_categorical_accuracy", "sparse_categorical_accuracy"),
    ],
)
def test_losses_and_accuracy_are_known_under_every_name(loss, metric, name):
    assert read_settings(model_of(loss=loss, metrics=[metric])).metric == name


def test_the_optimisers_numbers_are_read_as_they_are_now():
    model = model_of(optimizer=optimizers.Adam(0.25, beta_1=0.5))
    model.optimizer.learning_rate = 0.125
    numbers = read_rule_numbers(model.optimizer, 0, 1)
    assert (numbers.learning_rate, numbers.beta_1, numbers.beta_2) == (0.125, 0.5, 0.999)


def test_a_schedule_needs_no_configuration_of_its_own():
    class Halving(optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5 ** keras.ops.cast(step, "float32")

    model = model_of(optimizer=optimizers.AdamW(Halving(), weight_decay=0.25, use_ema=True, ema_momentum=0.75))
    assert read_settings(model).rule == "adam"
    numbers = read_rule_numbers(model.optimizer, 2, 3)
    assert (numbers.weight_decay, numbers.averaging, list(numbers.learning_rate)) == (0.25, 0.75, [0.25, 0.125, 0.0625])


@pytest.mark.parametrize(
    ("loss", "smoothing"),
    [
        (losses.CategoricalCrossentropy(label_smoothing=0.1), 0.1),
        ("categorical_crossentropy", 0),
        (losses.categorical_crossentropy, 0),
        (losses.SparseCategoricalCrossentropy(), 0),
    ],
)
def test_label_smoothing_is_read_off_the_loss(loss, smoothing):
    assert read_settings(model_of(loss=loss)).smoothing == smoothing


def test_callbacks_for_batches_are_named():
    class Batches(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            pass

    for callback in (
        Batches(),
        keras.callbacks.LambdaCallback(on_train_batch_end=print),
        keras.callbacks.TerminateOnNaN(),
    ):
        with pytest.raises(UnsupportedError, match=type(callback).__name__):
            check_callbacks([callback])


def test_callbacks_for_epochs_are_native(tmp_path):
    known = keras.callbacks
    check_callbacks(
        [
            known.History(),
            known.EarlyStopping(),
            known.ReduceLROnPlateau(),
            known.CSVLogger(str(tmp_path / "log.csv")),
            known.ModelCheckpoint(str(tmp_path / "model.keras")),
            known.LambdaCallback(on_epoch_end=print),
        ]
    )
    with pytest.raises(UnsupportedError, match="ModelCheckpoint"):
        check_callbacks([known.ModelCheckpoint(str(tmp_path / "model.keras"), save_freq=10)])


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (lambda: model_of(last=layers.Dense(4, activation="relu")), "the last layer"),
        (lambda: model_of(layers.Softmax()), "Softmax"),
        (lambda: model_of(layers.MaxPooling2D(16, strides=1, padding="same")), "MaxPooling2D"),
    ],
)
def test_a_net_without_a_plan_is_named(model, reason):
    with pytest.raises(UnsupportedError, match=reason):
        make_plan(network_from_keras(model()), "mean_squared_error", "sgd")


def test_initialisers_are_free():
    model = model_of(layers.Conv2D(2, 3, kernel_initializer=keras.initializers.HeNormal(seed=3)))
    assert read_settings(model).rule == "sgd"


@pytest.mark.parametrize("name", ["compute_loss", "train_step", "test_step", "compute_metrics", "make_train_function"])
def test_a_method_assigned_to_one_model_is_named(name):
    model = model_of()
    setattr(model, name, getattr(model, name))
    with pytest.raises(UnsupportedError, match=f"its own {name}"):
        read_settings(model)


def test_a_method_assigned_to_one_layer_is_named():
    layer = layers.Conv2D(2, 3)
    layer.call = layer.call
    with pytest.raises(UnsupportedError, match="its own call"):
        read_settings(model_of(layer))


def test_a_model_that_keras_trained_counts_as_untouched():
    model = model_of()
    model.fit(np.zeros((2, 8, 8, 1)), np.zeros((2, 4)), validation_split=0.5, verbose=0)
    read_settings(model)
