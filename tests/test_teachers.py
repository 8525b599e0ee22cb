import numpy as np
import pytest

from networks import random_weights
from tinydigits import teachers
from tinydigits.augmentation import AFFINE
from tinydigits.engine.augment import augmented
from tinydigits.errors import EngineError
from tinydigits.layers import Conv2D, Dense, GlobalAveragePooling2D, ReLU, Softmax
from tinydigits.network import Network
from tinydigits.soft_targets import SEED, Views
from tinydigits.teachers import soft_targets

VIEWS = Views(AFFINE, count=2)


def teacher_network(seed):
    random = np.random.default_rng(seed)
    convolution = Conv2D(random_weights(random, 3, 3, 1, 8) * 9, None, "valid", (3, 3))
    dense = Dense(random_weights(random, 8, 10) * 9, None)
    return Network((28, 28, 1), (convolution, ReLU(), GlobalAveragePooling2D(), dense, Softmax()))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(teachers, "cache_folder", lambda part: tmp_path)
    return tmp_path


@pytest.fixture
def networks():
    return [teacher_network(seed) for seed in (0, 1)]


def faculty(networks, trained):
    """Teachers that note when they are trained."""

    def train(number):
        trained.append(number)
        return networks[number]

    return [(f"identity-{number}", lambda number=number: train(number)) for number in range(len(networks))]


def test_targets_are_the_mean_of_what_teachers_answer_to_each_view(cache, networks, few_digits):
    soft = soft_targets(faculty(networks, []), few_digits.images, VIEWS, epochs=5)
    for view in VIEWS.needed(5):
        pictures = augmented(few_digits.images, SEED, view.key, AFFINE, view.strength)
        expected = np.mean([network.predict(pictures[..., None]) for network in networks], axis=0)
        np.testing.assert_allclose(soft.answers[view], expected, atol=1e-3)
    assert len({answers.tobytes() for answers in soft.answers.values()}) == 5


def test_a_teacher_is_trained_once_and_asked_once_about_a_view(cache, networks, few_digits):
    trained, told = [], []
    first = soft_targets(faculty(networks, trained), few_digits.images, VIEWS, 5, told.append)
    again = soft_targets(faculty(networks, trained), few_digits.images, VIEWS, 5, told.append)
    assert trained == [0, 1]
    assert [progress.epoch for progress in told] == [1, 2, 3, 4, 5]
    for view, answers in first.answers.items():
        np.testing.assert_array_equal(again.answers[view], answers)


def test_other_teachers_give_other_answers(cache, networks, few_digits):
    one = soft_targets(faculty(networks[:1], []), few_digits.images, VIEWS, 1)
    both = soft_targets(faculty(networks, []), few_digits.images, VIEWS, 1)
    view = VIEWS.at(0, 1)
    assert not np.array_equal(one.answers[view], both.answers[view])


def test_without_a_compiler_teachers_answer_all_the_same(cache, networks, few_digits, monkeypatch):
    natively = teachers.predict_of(networks[0])(few_digits.images[:, :, :, None])

    def refuse(network):
        raise EngineError("compiler", found="none", expected="one", fix="Get one.")

    monkeypatch.setattr(teachers, "predictor", refuse)
    np.testing.assert_allclose(teachers.predict_of(networks[0])(few_digits.images[:, :, :, None]), natively, atol=1e-5)
