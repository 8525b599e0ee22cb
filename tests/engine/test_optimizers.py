"""Three steps of optimisers drawn at random, beside Keras' own."""

import keras
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpers.native import fit
from helpers.small_models import keras_fit, pairs, small_model

schedules = keras.optimizers.schedules
# Nothing is compiled to C more than once a rule; Keras takes its steps one by one, without a graph.
FEW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
RATES = st.one_of(
    st.floats(0.001, 0.05),
    st.builds(schedules.ExponentialDecay, st.floats(0.001, 0.05), st.integers(1, 4), st.floats(0.2, 1)),
    st.builds(
        schedules.CosineDecay,
        st.just(0.0),
        st.integers(1, 4),
        warmup_target=st.floats(0.001, 0.05),
        warmup_steps=st.integers(1, 2),
    ),
)
DECAYS = st.floats(0.01, 2)
SHARED = {"use_ema": st.booleans(), "ema_momentum": st.floats(0, 1)}
MOMENTS = {"beta_1": st.floats(0, 0.95), "beta_2": st.floats(0.5, 0.999), "epsilon": st.floats(1e-4, 1e-2)}
OPTIMIZERS = st.one_of(
    st.builds(
        keras.optimizers.SGD,
        RATES,
        momentum=st.sampled_from([0.0, 0.5, 0.9]),
        nesterov=st.booleans(),
        weight_decay=st.none() | DECAYS,
        **SHARED,
    ),
    st.builds(keras.optimizers.Adam, RATES, weight_decay=st.none() | DECAYS, **MOMENTS, **SHARED),
    st.builds(keras.optimizers.AdamW, RATES, weight_decay=DECAYS, **MOMENTS, **SHARED),
)


@FEW
@given(OPTIMIZERS)
def test_weights_and_all_that_the_optimiser_keeps_are_keras_own(optimizer):
    models = []
    for own in (optimizer, type(optimizer).from_config(optimizer.get_config())):
        model = small_model()
        model.compile(optimizer=own, loss="mean_squared_error")
        models.append(model)
    ours, theirs = models
    fit(ours, *pairs(48), batch_size=16, shuffle=False)
    keras_fit(theirs, *pairs(48), batch_size=16, shuffle=False)
    assert int(ours.optimizer.iterations) == 3
    for one, other in zip(
        [*ours.get_weights(), *ours.optimizer.variables],
        [*theirs.get_weights(), *theirs.optimizer.variables],
        strict=True,
    ):
        np.testing.assert_allclose(np.array(one), np.array(other), rtol=1e-3, atol=2e-5)
