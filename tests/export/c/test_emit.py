"""Generated C answers bit for bit as the NumPy reference, without a warning, under the sanitizers."""

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings

from helpers.generated import COMPILERS, needs, sanitized_scores
from helpers.networks import images_for, networks, odd_network
from tinydigits.errors import UnsupportedLayerError
from tinydigits.export.c.emit import header, source
from tinydigits.export.c.program import Program
from tinydigits.export.c.units import float_units, integer_units
from tinydigits.export.quantise import quantise
from tinydigits.export.reference import scores
from tinydigits.export.stages import stages_of
from tinydigits.formats.model_file import load_network
from tinydigits.network.layers import Conv2D, Dense, Flatten, ReLU
from tinydigits.network.network import Network


def files_of(program):
    return {"digits.c": source(program), "digits.h": header(program)}


def check_both_forms(network, images, folder, compiler):
    """Both forms of the C must give what NumPy gives, int8 with shared code and with code of its own for each layer."""
    stages = stages_of(network)
    quantised = quantise(stages, images)
    int8 = Program(integer_units(quantised), int8=True)
    for fast in (0, 1):
        found = sanitized_scores(files_of(int8), images, folder, np.int32, compiler, (f"-DDIGITS_FAST={fast}",))
        assert np.array_equal(found, scores(quantised, images))
    floating = Program(float_units(stages), int8=False)
    found = sanitized_scores(files_of(floating), images, folder, np.float32, compiler)
    assert np.allclose(found, network.logits(images.reshape(-1, *network.input_shape) / np.float64(255)), atol=1e-4)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", ["mlp", "cnn", "pocket-1k"])
def test_shipped_nets(name, compiler, few_digits, tmp_path):
    check_both_forms(load_network(name)[0], few_digits.images[:20], tmp_path, compiler)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_padding_strides_and_odd_sizes(compiler, tmp_path):
    network = odd_network()
    check_both_forms(network, images_for(network), tmp_path, compiler)


@needs("gcc")
@given(networks())
@settings(max_examples=4, deadline=None)
def test_random_nets(tmp_path_factory, network):
    try:
        stages_of(network)
    except UnsupportedLayerError:
        assume(False)
    check_both_forms(network, images_for(network), tmp_path_factory.mktemp("net"), "gcc")


def test_the_code_needs_stdint_alone_and_no_memory_of_the_system(few_digits):
    quantised = quantise(stages_of(load_network("pocket-1k")[0]), few_digits.images[:16])
    code = source(Program(integer_units(quantised), int8=True)) + header(Program(integer_units(quantised), int8=True))
    outside_avr = re.sub(r"#ifdef __AVR__.*?#e(lse|ndif)", "", code, flags=re.DOTALL)
    assert set(re.findall(r"#include (\S+)", outside_avr)) == {"<stdint.h>", '"digits.h"'}
    assert not re.search(r"\b(malloc|free|expf?|double|int64_t|long)\b", outside_avr)


@needs("gcc")
def test_a_net_of_one_layer(tmp_path):
    kernel = np.random.default_rng(0).normal(0, 0.2, (12, 10)).astype(np.float32)
    network = Network((4, 3), (Flatten(), Dense(kernel, None)))
    check_both_forms(network, images_for(network), tmp_path, "gcc")


@needs("gcc")
@pytest.mark.parametrize("columns", [4, 5])
def test_a_dense_layer_after_an_odd_and_an_even_number_of_columns(columns, tmp_path):
    rng = np.random.default_rng(0)
    kernel = rng.normal(0, 0.3, (1, 2, 1, 3)).astype(np.float32)
    dense = rng.normal(0, 0.2, (4 * (columns - 1) * 3, 10)).astype(np.float32)
    network = Network((4, columns, 1), (Conv2D(kernel, None, "valid", (1, 1)), ReLU(), Flatten(), Dense(dense, None)))
    check_both_forms(network, images_for(network), tmp_path, "gcc")
