"""The same seed, the same bits."""

import numpy as np
import pytest

from helpers.networks import normalized_network, odd_network
from helpers.programs import packed_weights, program_of, random_examples
from tinydigits.engine.runtime.job import Epoch, RuleNumbers, State

NUMBERS = RuleNumbers(0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=0.1, averaging=0.9)


def trained(threads, batch_size, seed=3, network=None):
    """Weights, and their averages, after two epochs; of a net with two kinds of dropout's bits where none is given."""
    network = network or odd_network()
    program = program_of(network, rule="adam", threads=threads)
    examples, weights = random_examples(network, 203), packed_weights(program, network)
    state = State(weights, (np.zeros_like(weights), np.zeros_like(weights)), 0, averages=np.zeros_like(weights))
    for index in range(2):
        order = np.random.default_rng(index).permutation(len(examples)).astype(np.int32)
        state, _ = program.train(state, examples, Epoch(order, batch_size, seed, index), NUMBERS)
    return np.concatenate([state.weights, state.averages])


@pytest.mark.parametrize("batch_size", [32, 100])
@pytest.mark.parametrize("threads", [1, 2, 3, 4])
def test_any_number_of_threads_gives_the_same_bits(threads, batch_size):
    np.testing.assert_array_equal(trained(threads, batch_size), trained(1, batch_size))


@pytest.mark.parametrize("batch_size", [32, 100])
@pytest.mark.parametrize("threads", [2, 3, 4])
def test_normalised_batches_too_give_the_same_bits(threads, batch_size):
    network = normalized_network()
    one = trained(1, batch_size, network=network)
    for _ in range(5):  # threads that did not wait for one another would differ now and then
        np.testing.assert_array_equal(trained(threads, batch_size, network=network), one)


@pytest.mark.parametrize("network", [odd_network(), normalized_network()])
def test_neither_a_change_of_threads_nor_of_the_batch_leaves_anything_behind(network):
    program, one = (program_of(network, rule="adam", threads=threads) for threads in (2, 1))
    examples, weights = random_examples(network, 203), packed_weights(program, network)
    slots = np.zeros_like(weights), np.zeros_like(weights)
    order = np.random.default_rng(0).permutation(len(examples)).astype(np.int32)

    def after(program, batch_size):
        state = State(weights, slots, 0)
        return program.train(state, examples, Epoch(order, batch_size), NUMBERS)[0].weights

    turns = iter([(2, 1), (1, 2), (2, 1), (1, 1), (2, 2)] * 100)
    program._pace.next_slice = lambda: next(turns)
    for batch_size in (32, 16, 100, 32, 16):
        np.testing.assert_array_equal(after(program, batch_size), after(one, batch_size))


def test_another_seed_drops_other_values():
    assert not np.array_equal(trained(1, 32, seed=3), trained(1, 32, seed=4))
