"""Which rule a Keras optimiser follows; every option without a kernel must have its default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinydigits.engine.compiler.plan import Rule
from tinydigits.errors import UnsupportedError

if TYPE_CHECKING:
    import keras

# Numbers of an optimiser that its kernel takes; everything else in its configuration must be the default.
SHARED_NUMBERS = ("learning_rate", "weight_decay", "use_ema", "ema_momentum")
OPTIMIZER_NUMBERS = {
    "SGD": (*SHARED_NUMBERS, "momentum", "nesterov"),
    "Adam": (*SHARED_NUMBERS, "beta_1", "beta_2", "epsilon"),
    "AdamW": (*SHARED_NUMBERS, "beta_1", "beta_2", "epsilon"),
}


def read_rule(optimizer: keras.optimizers.Optimizer) -> Rule:
    """The optimiser's rule; every option without a kernel must have its default."""
    from keras import optimizers

    kind = keras_kind(optimizer)
    if kind is None:
        raise unsupported("optimizer", type(optimizer).__name__, f"one of {', '.join(OPTIMIZER_NUMBERS)}")
    check_learning_rate(optimizer)
    for option, default in kind().get_config().items():
        found = None if option == "learning_rate" else getattr(optimizer, option)
        if option not in ("name", *OPTIMIZER_NUMBERS[kind.__name__]) and found != default:
            raise unsupported(f"optimizer {kind.__name__}", f"{option}={found!r}", f"{option}={default!r}")
    if hasattr(optimizer, "_exclude_from_weight_decay"):
        raise unsupported(f"optimizer {kind.__name__}", "exclude_from_weight_decay", "decay of every weight or none")
    if kind is not optimizers.SGD:
        return "adam"
    return "sgd" if not optimizer.momentum else "nesterov" if optimizer.nesterov else "momentum"


def keras_kind(optimizer: keras.optimizers.Optimizer) -> type | None:
    """Keras' own class of an optimiser with a native kernel; None for any other, subclasses too.

    On the PyTorch backend Keras makes an object of a class of the same name in its package `backend.torch`.
    """
    from keras import optimizers

    kinds: tuple[type, ...] = (optimizers.SGD, optimizers.Adam, optimizers.AdamW)
    kind = type(optimizer)
    if kind.__module__.startswith("keras.src.backend.torch."):
        return next((each for each in kinds if each.__name__ == kind.__name__ and issubclass(kind, each)), None)
    return kind if kind in kinds else None


def check_learning_rate(optimizer: keras.optimizers.Optimizer) -> None:
    """That it is a number or a schedule: any other function may say something else every time."""
    from keras import Variable
    from keras.optimizers.schedules import LearningRateSchedule

    if not isinstance(optimizer._learning_rate, LearningRateSchedule | Variable):
        found = f"learning rate {type(optimizer._learning_rate).__name__}"
        raise unsupported("optimizer", found, "a number or a LearningRateSchedule")


def unsupported(subject: str, found: object, expected: str) -> UnsupportedError:
    return UnsupportedError(subject, found=str(found), expected=expected, fix="Keras' own fit can train it.")
