import gzip

import numpy as np
import pytest

from tinydigits.data.files import load
from tinydigits.errors import DataError, EmptyDataError, FileFormatError, LabelError

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 5, 5)).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])
PIXELS = [f"pixel{index}" for index in range(25)]


def table(header=None, *, label_last=False, delimiter=",", labels=LABELS, images=IMAGES):
    columns = [images.reshape(len(images), -1), labels[:, None]]
    rows = np.concatenate(columns if label_last else columns[::-1], axis=1)
    lines = [*([header] if header else []), *rows.tolist()]
    return "".join(delimiter.join(map(str, line)) + "\n" for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        table(["label", *PIXELS]),
        table([*PIXELS, "label"], label_last=True),
        table(["Class", *PIXELS]),
        table(),
        table(label_last=True),
        table(delimiter=";"),
        table(["label", *PIXELS], delimiter="\t"),
        table(labels=LABELS.astype(float)),
        "\ufeff" + table(["label", *PIXELS]),
        table(['"label"', *PIXELS]).replace("\n", "\r\n"),
    ],
    ids=[
        "Kaggle",
        "label last",
        "Class",
        "no header",
        "last, no header",
        "semicolons",
        "tabs",
        "floats",
        "mark",
        "CRLF",
    ],
)
def test_a_table_is_read_wherever_its_label_is(tmp_path, text):
    (tmp_path / "train.csv").write_text(text, "utf-8", newline="")
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("train.csv", "packed.csv.gz"):
        data = load(tmp_path / name).data
        assert np.array_equal(data.images, IMAGES)
        assert data.labels.tolist() == LABELS.tolist()


def test_a_column_that_counts_the_rows_is_left_out(tmp_path):
    lines = table(["label", *PIXELS]).splitlines()
    (tmp_path / "train.csv").write_text("\n".join([f"id,{lines[0]}", *(f"7,{line}" for line in lines[1:])]))
    assert np.array_equal(load(tmp_path / "train.csv").data.images, IMAGES)


def test_a_folder_of_two_tables_holds_training_and_test_images(tmp_path):
    (tmp_path / "mnist_train.csv").write_text(table())
    (tmp_path / "mnist_test.csv").write_text(table(labels=LABELS[:9], images=IMAGES[:9]))
    loaded = load(tmp_path)
    assert (len(loaded.data), len(loaded.test)) == (12, 9)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", EmptyDataError, "an empty table"),
        ("label,a,b\n", EmptyDataError, "a header alone"),
        (table() + "1,2,3\n", FileFormatError, "a row that is not like the others"),
        (table().replace("3", "three", 1) + "x", FileFormatError, "header"),
        ("1,2,3\n4,5,6\n", FileFormatError, "neither the first nor the last"),
        (table()[2:].split("\n")[0] + "\n", FileFormatError, "without a label"),
        (table(["label", *PIXELS[:-1]]), FileFormatError, "25 names in the header and 26 values"),
        (table(["label", *PIXELS], labels=LABELS + 9), LabelError, "label 12"),
        (table(["label", *PIXELS], images=IMAGES / 256), DataError, "Multiply images between 0 and 1 by 255"),
        ("\xff\xfe", FileFormatError, "bytes that are no text"),
        ("1,90,80,70,0\n0,90,80,70,1\n", FileFormatError, "a first and a last column that could both be the labels"),
    ],
)
def test_other_tables_are_refused_in_words(tmp_path, text, error, message):
    (tmp_path / "odd.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(error, match=message):
        load(tmp_path / "odd.csv")
