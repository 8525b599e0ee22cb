import gzip

import numpy as np
import pytest

from tinydigits.data import file_bytes
from tinydigits.data.file_bytes import unzipped
from tinydigits.data.files import load
from tinydigits.errors import DataError


def test_a_gz_file_that_inflates_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(10_000_000)))
    assert len(unzipped(path)) == 10_000_000
    monkeypatch.setattr(file_bytes, "ALWAYS_ALLOWED", 2_000_000)
    with pytest.raises(DataError, match="more than 2,000,000 bytes in"):
        unzipped(path)


def test_a_npz_that_inflates_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, images=np.zeros((10, 500, 500), np.uint8), labels=np.zeros(10, int))
    assert len(load(path).data) == 10
    monkeypatch.setattr(file_bytes, "ALWAYS_ALLOWED", 1000)
    with pytest.raises(DataError, match=r"`images\.npy`, 2,500,128 bytes in"):
        load(path)
