import gzip
import struct

import numpy as np
import pytest

from tinydigits.data.idx_pairs import load_idx
from tinydigits.errors import DataError

IMAGES = struct.pack(">4I", 0x0803, 2, 2, 3) + bytes(range(12))
LABELS = struct.pack(">2I", 0x0801, 2) + bytes((7, 9))


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
    ],
)
def test_the_labels_beside_are_found_plain_or_packed(tmp_path, images, labels):
    for name, content in ((images, IMAGES), (labels, LABELS)):
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    data = load_idx(tmp_path / images)
    assert np.array_equal(data.images.ravel(), np.arange(12))
    assert data.labels.tolist() == [7, 9]


def test_without_labels_their_name_is_said(tmp_path):
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(IMAGES)
    with pytest.raises(DataError, match="found no t10k-labels-idx1-ubyte beside it"):
        load_idx(tmp_path / "t10k-images-idx3-ubyte")
