import numpy as np
import pytest

from tinydigits.export.integers import IMAGE, VALUE_LIMIT, IntegerStage, axes_of, per_output
from tinydigits.export.stages import stages_of
from tinydigits.network.layers import AveragePooling2D, Conv2D, Dense, DepthwiseConv2D, Flatten, GlobalAveragePooling2D
from tinydigits.network.network import Network

CONVOLUTION = Conv2D(np.ones((2, 3, 4, 5), np.float32), np.zeros(5, np.float32))
DEPTHWISE = DepthwiseConv2D(np.ones((2, 3, 4, 5), np.float32), None)


def test_the_image_means_zero_to_one():
    assert (IMAGE.scale * VALUE_LIMIT, IMAGE.zero) == (1, 0)


@pytest.mark.parametrize(
    ("layer", "axes"), [(CONVOLUTION, (0, 1, 2)), (DEPTHWISE, (0, 1)), (Dense(np.ones((6, 3)), None), (0,))]
)
def test_weights_belong_to_the_output_that_they_are_multiplied_for(layer, axes):
    assert axes_of(layer.kernel, layer) == axes
    outputs = layer.kernel.size // np.prod([layer.kernel.shape[axis] for axis in axes])
    assert per_output(layer.kernel, layer).shape == (outputs,)
    assert per_output(layer.kernel, layer).sum() == layer.kernel.size


def stage_of(*layers, shape=(4, 4, 1)):
    return stages_of(Network(shape, layers))[0]


def test_no_total_of_any_image_is_larger_than_the_bound_and_one_reaches_it():
    random = np.random.default_rng(0)
    weights = random.integers(-127, 128, (16, 10))
    bias = random.integers(-1000, 1000, 10)
    stage = stage_of(Flatten(), Dense(weights.astype(np.float32), bias.astype(np.float32)))
    whole = IntegerStage(stage, IMAGE, IMAGE, weights, bias, bias_shift=3)
    images = np.concatenate([random.integers(0, 256, (500, 16)), 255 * (weights.T > 0), 255 * (weights.T < 0)])
    totals = (bias << 3) + images @ weights
    assert np.abs(totals).max() <= whole.largest_total
    assert whole.largest_total == (np.abs(bias << 3) + 255 * np.abs(weights).sum(axis=0)).max()


def test_a_pooling_sums_its_whole_window_at_most():
    stage = stage_of(AveragePooling2D((4, 4), (4, 4)), Flatten(), Dense(np.ones((1, 10), np.float32), None))
    bound = IntegerStage(stage, IMAGE, IMAGE).largest_total
    assert bound == 255 * 4 * 4


def test_the_mean_of_a_channel_is_summed_over_its_whole_map():
    weights = np.array([[1, -2], [3, 0]])
    stage = stage_of(
        GlobalAveragePooling2D(), Dense(weights.astype(np.float32), np.zeros(2, np.float32)), shape=(3, 5, 2)
    )
    assert stage.mean
    bound = IntegerStage(stage, IMAGE, IMAGE, weights, np.array([7, 0])).largest_total
    assert bound == 255 * 15 * 4 + 7
