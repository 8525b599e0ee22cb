import numpy as np
import pytest
from PIL import Image

from tinydigits.errors import MissingDependencyError
from tinydigits.figures import runs as figures
from tinydigits.shipped.results import PUBLISHED

HISTORY = {
    "accuracy": [0.8, 0.9],
    "loss": [0.03, 0.02],
    "val_accuracy": [0.85, 0.95],
    "val_loss": [0.025, 0.015],
}


def texts(figure):
    """All text of a figure, in one string."""
    import matplotlib.text

    return " | ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


def test_curves_name_both_splits_and_the_published_figure():
    drawn = texts(figures.curves(HISTORY, "cnn", PUBLISHED["cnn"]))
    for expected in ("training", "validation", "published test, 97.31 %", "cnn: accuracy", "cnn: loss", "epoch"):
        assert expected in drawn
    assert "published" not in texts(figures.curves(HISTORY, "mine", None))


def test_a_confusion_matrix_counts_and_names_its_axes():
    drawn = texts(figures.confusion(np.array([[5, 1], [0, 4]]), "cnn"))
    for expected in ("9 of 10 right (90.00 %)", "true", "predicted", " 5 ", " 1 "):
        assert expected in drawn


def test_a_sheet_marks_only_wrong_answers(few_digits):
    right = few_digits.labels.copy()
    assert "framed" not in texts(figures.digits(few_digits))
    wrong = right.copy()
    wrong[0] = 8  # the first image is a 5
    boxes = figures.digits(few_digits, wrong).findobj(match=is_boxed)
    assert [text.get_text() for text in boxes] == ["8"]
    assert figures.digits(few_digits, right).findobj(match=is_boxed) == []


def is_boxed(artist):
    return hasattr(artist, "get_bbox_patch") and artist.get_bbox_patch() is not None


def test_mistakes_are_named_by_label_answer_and_confidence(few_digits):
    probabilities = np.eye(10, dtype=np.float32)[few_digits.labels]
    assert "there are none" in texts(figures.mistakes(few_digits, probabilities))
    probabilities[0] = np.eye(10)[3] * 0.75
    assert "5 read as 3\n75.0 % sure, no. 0" in texts(figures.mistakes(few_digits, probabilities))


def test_a_saved_picture_is_a_png_with_the_same_bytes_every_time(tmp_path):
    for name in ("a.png", "b.png"):
        figures.save(figures.curves(HISTORY, "cnn", None), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (1080, 456)


def test_nothing_is_drawn_beyond_the_edges(few_digits):
    probabilities = np.eye(10, dtype=np.float32)[(few_digits.labels + 1) % 10]
    for figure in (
        figures.curves(HISTORY, "cnn", PUBLISHED["cnn"]),
        figures.confusion(np.full((10, 10), 1000), "cnn"),
        figures.digits(few_digits, few_digits.labels),
        figures.mistakes(few_digits, probabilities),
    ):
        figure.canvas.draw()
        tight = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        # Boxes of text are a hair larger than its ink: allow 3 pixels of 120 an inch.
        assert min(tight.x0, tight.y0) >= -0.025
        assert tight.x1 <= width + 0.025
        assert tight.y1 <= height + 0.025


def test_without_matplotlib_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(figures, "installed", lambda _: False)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tinydigits\[train\]'"):
        figures.new_figure(1, 1)


def test_a_sheet_of_augmentations_has_the_original_first(few_digits):
    originals = few_digits.images[:3]
    figure = figures.augmentations(originals, [originals // 2, 255 - originals])
    drawn = figure.axes[0].get_images()[0].get_array()
    assert drawn.shape == (3 * 32, 3 * 32)
    for row, column, expected in ((0, 0, originals[0]), (2, 1, originals[2] // 2), (1, 2, 255 - originals[1])):
        cell = drawn[row * 32 + 2 : row * 32 + 30, column * 32 + 2 : column * 32 + 30]
        np.testing.assert_array_equal(cell, expected)
    assert "3 digits, and 2 variations of each" in texts(figure)
