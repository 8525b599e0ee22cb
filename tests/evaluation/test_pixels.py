from types import SimpleNamespace

import numpy as np

from tinydigits.evaluation.pixels import FEW, few_of, note_on_pixels, pixels_note

NOBODY = np.eye(10, dtype=np.float32)


def right_for(digits, share):
    """A `predict` that answers the first so many of the images it is given right, and the rest wrong."""
    answers = {image.tobytes(): label for image, label in zip(digits.images, digits.labels, strict=True)}

    def predict(images):
        labels = np.array([answers[image.tobytes()] for image in images])
        labels[round(share * len(labels)) :] = (labels[round(share * len(labels)) :] + 1) % 10
        return NOBODY[labels]

    return predict


def note(digits, *, as_is, otherwise, pixels="0-1"):
    return pixels_note("net", pixels, right_for(digits, as_is), right_for(digits, otherwise), digits)


def test_a_far_better_range_is_named_with_both_scores(few_digits):
    assert note(few_digits, as_is=0.1, otherwise=0.9) == (
        f"`net` reads 20 of {FEW} digits right with pixels of 0-1, and 180 with pixels of 0-255: "
        '--pixels 0-255 (pixels="0-255") answers it.'
    )
    assert "--pixels 0-1 " in note(few_digits, as_is=0.1, otherwise=0.9, pixels="0-255")


def test_a_range_that_is_little_better_or_worse_is_passed_over(few_digits):
    assert note(few_digits, as_is=0.9, otherwise=0.95) is None
    assert note(few_digits, as_is=0.9, otherwise=0.1) is None
    assert note(few_digits[:4], as_is=0, otherwise=1) is None  # four images are no evidence


def test_a_tenth_of_the_images_is_gain_enough_and_of_few_images_five(few_digits):
    assert note(few_digits, as_is=0.5, otherwise=0.6) is not None
    assert note(few_digits, as_is=0.5, otherwise=0.595) is None
    ten = few_digits[:10]
    assert note(ten, as_is=0.2, otherwise=0.7) is not None
    assert note(ten, as_is=0.3, otherwise=0.7) is None


def test_images_are_taken_at_equal_distances_from_the_first_to_the_last(few_digits):
    few = few_of(few_digits)
    assert len(few) == FEW
    assert np.array_equal(few.images[[0, -1]], few_digits.images[[0, -1]])
    assert few_of(few_digits[:7]).labels.tolist() == few_digits.labels[:7].tolist()


def test_a_model_whose_range_is_known_is_not_asked(few_digits):
    assert note_on_pixels(SimpleNamespace(predict_otherwise=None), few_digits) is None
    asked = SimpleNamespace(
        name="net", pixels="0-1", predict=right_for(few_digits, 0), predict_otherwise=right_for(few_digits, 1)
    )
    assert note_on_pixels(asked, few_digits) == note(few_digits, as_is=0, otherwise=1)
