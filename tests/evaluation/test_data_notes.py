import numpy as np
import pytest

from tinydigits.data.dataset import Dataset
from tinydigits.data.loaded import Loaded
from tinydigits.data.mending import Mend
from tinydigits.evaluation.data_notes import data_notes
from tinydigits.formats.model_file import DEFAULT, load

TRANSPOSED, INVERTED = Mend(transpose=True), Mend(invert=True)
BOTH = Mend(transpose=True, invert=True)


@pytest.fixture(scope="module")
def digits(whole_mnist):
    return Loaded(whole_mnist.train[:300], whole_mnist.test[:200])


def notes(loaded, *made):
    return list(data_notes(loaded, load(DEFAULT).predict, *made))


def test_nothing_is_said_of_plain_digits(digits):
    assert notes(digits) == []
    assert notes(Loaded(digits.data)) == []


@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.parametrize(
    ("change", "options"),
    [(TRANSPOSED, "--transpose"), (INVERTED, "--invert"), (BOTH, "--transpose --invert")],
)
def test_either_part_that_lies_wrong_is_named_with_the_options_that_mend_it(digits, part, change, options):
    changed = digits.changed(change, part)
    (note,) = notes(changed)
    assert note.startswith(f"the {'training' if part == 'train' else 'test'} set of ")
    assert f"`{options} --mend-only {part}` mends it" in note
    assert notes(changed.changed(change, part), change, part) == []


def test_a_set_that_lies_wrong_as_a_whole_needs_one_option(digits):
    assert [note.split("`")[1] for note in notes(digits.changed(TRANSPOSED))] == ["--transpose", "--transpose"]
    (note,) = notes(Loaded(digits.changed(INVERTED).data))
    assert "`--invert` mends it" in note


def test_an_option_that_spoils_a_part_is_taken_back(digits):
    half_inverted = digits.changed(INVERTED, "test")
    (note,) = notes(half_inverted.changed(INVERTED), INVERTED)
    assert note.startswith("the training set")
    assert "right as it is stored, without the options" in note


def test_images_of_other_sizes_are_judged_by_their_borders(digits):
    small = digits.changed(lambda images: images[:, 2:26, 2:26])
    assert notes(small) == []
    assert all("dark ink on a bright ground" in note for note in notes(small.changed(INVERTED)))
    assert len(notes(small.changed(INVERTED))) == 2


def test_a_single_class_is_noted(digits):
    threes = digits.data[np.flatnonzero(digits.data.labels == 3)]
    assert notes(Loaded(threes)) == [f"{threes.name} holds a single class: all {len(threes)} images are labelled 3."]
    assert notes(Loaded(threes[:1]))[0].endswith("its one image is labelled 3.")


def test_blank_images_are_noted(digits):
    images = digits.data.images.copy()
    images[:1] = 0
    assert notes(Loaded(Dataset(images, digits.data.labels))) == ["data holds 1 blank image, without any ink."]
    images[:] = 0
    assert notes(Loaded(Dataset(images, digits.data.labels))) == ["data is blank: no image in it has any ink."]


def test_test_images_that_are_trained_on_are_noted(digits):
    (note,) = notes(Loaded(digits.data, digits.data[:50]))
    assert note.startswith("50 of 50 test images in ")
    one_channel = Dataset(digits.data.images[..., None], digits.data.labels)
    mixed = np.concatenate([digits.test.images, digits.data.images[:1]])
    (note,) = notes(Loaded(one_channel, Dataset(mixed, np.append(digits.test.labels, digits.data.labels[0]))))
    assert note.startswith("1 of 201 test images in data is also among the training images")


def test_blank_images_in_both_parts_are_no_repetition(digits):
    blank = np.zeros((1, 28, 28), np.uint8)
    train, test = (
        Dataset(np.concatenate([part.images, blank]), np.append(part.labels, 0)) for part in (digits.data, digits.test)
    )
    assert not any("also among" in note for note in notes(Loaded(train, test)))
    repeated = Dataset(np.concatenate([test.images, train.images[:1]]), np.append(test.labels, train.labels[0]))
    assert any(note.startswith("1 of 202 test images") for note in notes(Loaded(train, repeated)))
