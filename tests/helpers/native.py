"""The native engine's `fit`, called with Keras' own argument names."""

from tinydigits.engine.fit import fit as native_fit
from tinydigits.engine.schedule import Schedule


def fit(
    model,
    x,
    y,
    *,
    batch_size=32,
    epochs=1,
    validation_data=None,
    callbacks=(),
    seed=0,
    shuffle=True,
    augmentation=None,
    **options,
):
    schedule = Schedule(epochs, batch_size, seed, shuffle, augmentation)
    return native_fit(model, (x, y), validation_data, schedule, callbacks, **options)
