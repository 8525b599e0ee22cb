"""Data sets of a user's own, as commands take them."""

import json

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def mixed_folder(few_digits, empty_folder):
    """A folder a class with pictures of several sizes; returns its name."""
    for index, (image, label) in enumerate(zip(few_digits.images[:40], few_digits.labels[:40], strict=True)):
        folder = empty_folder / "mixed" / f"digit_{label}"
        folder.mkdir(parents=True, exist_ok=True)
        side = 60 + index
        Image.fromarray(255 - image).resize((side, side)).save(folder / f"{index}.png")
    return "mixed"


@pytest.fixture
def halves(few_digits, empty_folder):
    """A .npz whose test images alone are inverted; returns its name."""
    arrays = {"x_train": few_digits.images[:140], "y_train": few_digits.labels[:140]}
    np.savez("halves.npz", **arrays, x_test=255 - few_digits.images[140:], y_test=few_digits.labels[140:])
    return "halves.npz"


def test_pictures_of_mixed_sizes_are_normalised_when_asked(command, mixed_folder):
    refused = command("evaluate", "cnn", "--data", mixed_folder)
    assert (refused.code, refused.stdout) == (1, "")
    assert "Scale all pictures to one size, or give --normalise." in refused.stderr
    outcome = command("evaluate", "cnn", "--data", mixed_folder, "--normalise", "--json")
    assert json.loads(outcome.stdout)["accuracy"] > 0.85
    assert outcome.stderr == ""


def test_what_looks_wrong_is_noted_and_changed_only_when_asked(command, halves):
    as_it_is = command("evaluate", "cnn", "--data", halves, "--json")
    assert as_it_is.code == 0
    assert "note: the test set of halves.npz looks like dark ink" in as_it_is.stderr
    assert "`--invert --mend-only test` mends it." in as_it_is.stderr
    mended = command("evaluate", "cnn", "--data", halves, "--invert", "--mend-only", "test", "--json")
    assert mended.stderr == ""
    assert json.loads(as_it_is.stdout)["accuracy"] < 0.4
    assert json.loads(mended.stdout)["accuracy"] > 0.85


def test_train_notes_the_same_and_exits_with_0(command, halves):
    outcome = command("train", "cnn", "--epochs", 1, "--data", halves)
    assert outcome.code == 0
    assert "`--invert --mend-only test` mends it." in outcome.stderr
    assert "\n1 epoch by " in outcome.stdout


def test_transposed_images_are_mended_by_their_option(command, few_digits, empty_folder):
    np.savez("emnist.npz", images=few_digits.images.swapaxes(1, 2), labels=few_digits.labels)
    assert "`--transpose` mends it." in command("evaluate", "cnn", "--data", "emnist.npz").stderr
    mended = command("evaluate", "cnn", "--data", "emnist.npz", "--transpose", "--json")
    assert json.loads(mended.stdout)["accuracy"] > 0.9


def test_one_image_is_counted_as_one(command, few_digits, empty_folder):
    np.savez("one.npz", images=few_digits.images[:1], labels=few_digits.labels[:1])
    assert " of 1 image right " in command("evaluate", "cnn", "--data", "one.npz").stdout


def test_too_few_images_to_train_are_counted_in_words(command, few_digits, empty_folder):
    np.savez("one.npz", images=few_digits.images[:1], labels=few_digits.labels[:1])
    assert "one.npz: found 1 image;" in command("train", "cnn", "--data", "one.npz").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--invert",), "--transpose, --invert, --mend-only and --normalise go with --data."),
        (("--data", "digits.npz", "--mend-only", "test"), "--mend-only goes with --transpose or --invert."),
        (("--data", "digits.npz", "--invert", "--mend-only", "test"), "digits.npz has none."),
    ],
)
def test_options_that_would_change_nothing_are_refused(command, digits_file, empty_folder, arguments, message):
    for name in ("evaluate", "train"):
        outcome = command(name, "cnn", *arguments)
        assert (outcome.code, outcome.stdout) == (2, "")
        assert message in outcome.stderr
