"""What a compiled Keras model asks of training, as plain data; and what of it the engine knows: an allow-list.

Everything that is not named here goes to Keras' own `fit`. Each refusal is an `UnsupportedError` that names the layer
or option.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tinydigits.engine.compiler.plan import Loss, Rule
from tinydigits.engine.keras.optimizer import read_rule
from tinydigits.errors import UnsupportedError
from tinydigits.formats.keras_bridge import ends_in_softmax
from tinydigits.formats.keras_chain import converted_layers, is_chain

if TYPE_CHECKING:
    import keras

LAYERS = (
    *("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "BatchNormalization"),
    *("MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "Flatten", "Dropout", "Dense"),
    *("Activation", "ReLU", "LeakyReLU", "Softmax"),
)
# Layer options that may have any value here: the network describes them, or only the first weights depend on them.
FREE_OPTIONS = {
    *("name", "trainable", "dtype", "activation", "use_bias", "kernel_initializer", "bias_initializer"),
    *("filters", "kernel_size", "padding", "strides", "pool_size", "units", "rate"),
    *("epsilon", "momentum", "renorm_momentum", "negative_slope"),  # renorm itself must be off
    *("depthwise_initializer", "pointwise_initializer", "gamma_initializer", "beta_initializer"),
    *("moving_mean_initializer", "moving_variance_initializer"),
}
# Any other option must be off (None, False), or have its default.
DEFAULT_OPTIONS = {
    "data_format": "channels_last",
    "dilation_rate": (1, 1),
    "groups": 1,
    "threshold": 0.0,
    "axis": -1,
    "center": True,
    "scale": True,
    "depth_multiplier": 1,
}
# Names of methods under which Keras itself puts something into a model or layer.
KERAS_ASSIGNS = {"build", "quantize", "loss"}
# Callbacks between batches: natively there is no such moment.
BATCH_HOOKS = tuple(f"on_{part}batch_{moment}" for part in ("", "train_", "test_") for moment in ("begin", "end"))


@dataclass(frozen=True)
class Settings:
    """How a model is to be trained.

    Attributes:
        sparse: whether targets are class numbers instead of one number a class.
        smoothing: the fraction of each target that goes to all classes alike, 0 to 1.
        metric: the name under which accuracy is logged; None where it is not asked for.
    """

    loss: Loss
    sparse: bool
    rule: Rule
    metric: str | None
    smoothing: float = 0.0


def read_settings(model: keras.Model) -> Settings:
    """The settings of a compiled model.

    Raises:
        UnsupportedError: names the layer or option that the engine does not know.
    """
    check_model(model)
    for layer in converted_layers(model):
        check_layer(layer)
    loss, sparse = read_loss(model)
    return Settings(
        loss, sparse, read_rule(model.optimizer), read_metric(model, sparse), smoothing=read_smoothing(model)
    )


def unsupported(subject: str, found: object, expected: str) -> UnsupportedError:
    return UnsupportedError(subject, found=str(found), expected=expected, fix="Keras' own fit can train it.")


def check_model(model: keras.Model) -> None:
    if not is_chain(model):
        expected = "a keras.Sequential, or a functional model that is a chain, of layers that are used once"
        raise unsupported(f"model `{model.name}`", f"a {type(model).__name__} model", expected)
    for method in replaced_methods(model):
        raise unsupported(f"model `{model.name}`", f"its own {method}", "Keras' own methods")
    if not model.compiled:
        raise unsupported(f"model `{model.name}`", "a model that is not compiled", "model.compile(...) before")
    if model.run_eagerly:
        raise unsupported("model.compile", "run_eagerly=True", "run_eagerly=False")
    if getattr(model._compile_loss, "_user_loss_weights", None) is not None:
        raise unsupported("model.compile", "loss_weights", "none")


def replaced_methods(part: keras.Layer) -> list[str]:
    """Methods that a caller assigned to this one model or layer, `model.compute_loss = mine`."""
    return [name for name in vars(part) if name not in KERAS_ASSIGNS and callable(getattr(type(part), name, None))]


def check_callbacks(callbacks: Sequence[keras.callbacks.Callback]) -> None:
    """That no callback waits for a batch to begin or end."""
    import keras

    for callback in callbacks:
        # It has a hook for batches, but uses it only where it saves more often than once an epoch.
        if type(callback) is keras.callbacks.ModelCheckpoint and callback.save_freq == "epoch":
            continue
        for hook in BATCH_HOOKS:
            if not getattr(getattr(callback, hook, None), "_is_default", False):
                raise unsupported(f"callback {type(callback).__name__}", hook, "callbacks for whole epochs")


def check_layer(layer: keras.Layer) -> None:
    """That the layer is trained as a whole, in float32, without options beyond the network's."""
    name = f"layer `{layer.name}` ({type(layer).__name__})"
    if type(layer).__name__ not in LAYERS:
        raise unsupported(name, "a layer without a native kernel", f"one of {', '.join(LAYERS)}")
    for method in replaced_methods(layer):
        raise unsupported(name, f"its own {method}", "Keras' own methods")
    if type(layer).__name__ == "ReLU" and layer.negative_slope != 0:
        raise unsupported(name, f"negative_slope={layer.negative_slope}", "0, or a LeakyReLU")
    if not layer.trainable:
        raise unsupported(name, "trainable=False", "trainable=True")
    if layer.dtype_policy.name != "float32":
        raise unsupported(name, f"dtype {layer.dtype_policy.name}", "float32")
    for option, value in layer.get_config().items():
        found = tuple(value) if isinstance(value, list) else value
        if option not in FREE_OPTIONS and not is_default(found, DEFAULT_OPTIONS.get(option)):
            raise unsupported(name, f"{option}={describe(value)}", f"{option}={DEFAULT_OPTIONS.get(option)!r}")


def is_default(value: object, default: object) -> bool:
    """Whether an option has its default; without one, whether it is off: 0 alone is not off."""
    return value == default or (default is not True and (value is None or value is False))


def describe(value: Any) -> str:
    """A configuration value, a serialised object by its class alone."""
    return str(value["class_name"]) if isinstance(value, dict) and "class_name" in value else repr(value)


def read_loss(model: keras.Model) -> tuple[Loss, bool]:
    """(loss, whether targets are class numbers)."""
    from keras import losses

    known: list[tuple[Any, Any, Loss, bool]] = [
        (losses.MeanSquaredError, losses.mean_squared_error, "mean_squared_error", False),
        (losses.CategoricalCrossentropy, losses.categorical_crossentropy, "cross_entropy", False),
        (losses.SparseCategoricalCrossentropy, losses.sparse_categorical_crossentropy, "cross_entropy", True),
    ]
    found = resolved(model.loss)
    for kind, function, loss, sparse in known:
        if found is function or type(found) is kind:
            config = {"name": function.__name__} if found is function else found.get_config()
            check_loss(config, loss, softmax=ends_in_softmax(model))
            return loss, sparse
    raise unsupported("loss", describe_loss(model.loss), "mean squared error or (sparse) categorical cross-entropy")


def read_smoothing(model: keras.Model) -> float:
    """The label smoothing of a loss that `read_loss` knows; 0 for a loss without."""
    return float(getattr(model.loss, "label_smoothing", 0.0))


def resolved(loss: Any) -> Any:
    """A loss given by name, as the function that it names."""
    from keras import losses

    try:
        return losses.get(loss) if isinstance(loss, str) else loss
    except ValueError:
        return None


def describe_loss(loss: Any) -> str:
    return repr(loss) if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)


def check_loss(config: dict[str, Any], loss: Loss, *, softmax: bool) -> None:
    defaults = {"reduction": "sum_over_batch_size", "axis": -1, "dtype": "float32"}
    for option, value in config.items():
        if option not in ("name", "from_logits", "label_smoothing") and not is_default(value, defaults.get(option)):
            raise unsupported(f"loss `{config['name']}`", f"{option}={value!r}", f"{option}={defaults.get(option)!r}")
    if loss == "cross_entropy" and softmax == bool(config.get("from_logits", False)):
        found = f"from_logits={softmax} after a model that ends {'with' if softmax else 'without'} softmax"
        raise unsupported(f"loss `{config['name']}`", found, f"from_logits={not softmax}")


def read_metric(model: keras.Model, sparse: bool) -> str | None:
    """The name under which accuracy is to be logged, if it is."""
    compiled = model._compile_metrics
    asked = [] if compiled is None else list(compiled._user_metrics or []) + list(compiled._user_weighted_metrics or [])
    if len(asked) > 1:
        raise unsupported("metrics", f"{len(asked)} of them", "accuracy alone")
    if compiled is not None and compiled._user_weighted_metrics:
        raise unsupported("metrics", "weighted metrics", "accuracy alone")
    return accuracy_name(asked[0], sparse) if asked else None


def accuracy_name(metric: Any, sparse: bool) -> str:
    from keras import metrics

    kind = metrics.SparseCategoricalAccuracy if sparse else metrics.CategoricalAccuracy
    plain = "sparse_categorical_accuracy" if sparse else "categorical_accuracy"
    if metric in ("accuracy", "acc", plain):
        return str(metric)
    if type(metric) is kind:
        return str(metric.name)
    raise unsupported("metrics", metric if isinstance(metric, str) else type(metric).__name__, "accuracy")
