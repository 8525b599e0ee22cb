import gzip
import zipfile
from contextlib import nullcontext

import numpy as np
import pytest

from tinydigits.data import file_bytes
from tinydigits.data.file_bytes import allowed_length, check_archive, unzipped
from tinydigits.data.files import load
from tinydigits.errors import DataError, FileFormatError


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


def test_a_content_may_be_long_where_the_file_is_and_never_longer_than_the_largest_file():
    assert allowed_length(0) == 256 * 2**20
    assert allowed_length(3 * 2**20) == 300 * 2**20  # a hundred times as long
    assert allowed_length(2**40) == 4 * 2**30


def test_a_file_just_at_the_limit_is_read_and_one_byte_more_refused(tmp_path, monkeypatch):
    plain, packed = tmp_path / "plain", tmp_path / "packed.GZ"
    plain.write_bytes(bytes(1000))
    packed.write_bytes(gzip.compress(bytes(1000)))
    for limit in ("MAX_BYTES", "ALWAYS_ALLOWED"):
        monkeypatch.setattr(file_bytes, limit, 1000)
    assert unzipped(plain) == unzipped(packed) == bytes(1000)
    plain.write_bytes(bytes(1001))
    packed.write_bytes(gzip.compress(bytes(1001)))
    with pytest.raises(DataError, match=r"plain: found 1,001 bytes; expected at most 1,000 bytes"):
        unzipped(plain)
    with pytest.raises(DataError, match="more than 1,000 bytes in"):
        unzipped(packed)


@pytest.mark.parametrize(
    ("length", "count", "found"), [(600, 2, None), (1001, 1, "`0`, 1,001 bytes"), (500, 3, "1,500")]
)
def test_members_of_an_archive_count_alone_and_together(tmp_path, monkeypatch, length, count, found):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in range(count):
            archive.writestr(str(name), bytes(length))
    monkeypatch.setattr(file_bytes, "MAX_RATIO", 0)
    monkeypatch.setattr(file_bytes, "ALWAYS_ALLOWED", 1000 if count != 2 else 1200)
    with pytest.raises(DataError, match=found) if found else nullcontext():
        check_archive(path)


def test_a_broken_gz_is_refused_by_name(tmp_path):
    whole = gzip.compress(bytes(range(256)))
    for content in (b"plain text", whole[:-9], whole[:30] + b"\0\0\0" + whole[33:]):
        (tmp_path / "broken.gz").write_bytes(content)
        with pytest.raises(FileFormatError, match=r"broken\.gz: found broken gzip data"):
            unzipped(tmp_path / "broken.gz")
