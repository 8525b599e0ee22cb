import os
import zipfile
from pathlib import Path

import pytest

from tinydigits.errors import ModelError
from tinydigits.system.regular_files import SMALL_BYTES, WHOLE_BYTES, check_zip, read_regular, trouble_with

ZERO = Path("/dev/zero")


def packed(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_regular_file_is_read_up_to_its_limit(tmp_path):
    (tmp_path / "file").write_bytes(b"1234")
    assert read_regular(tmp_path / "file", 4, ModelError) == b"1234"
    with pytest.raises(ModelError, match="found 4 bytes; expected at most 3"):
        read_regular(tmp_path / "file", 3, ModelError)


@pytest.mark.skipif(not ZERO.exists(), reason="needs a device that never ends")
def test_a_device_is_refused():
    with pytest.raises(ModelError, match="a device, pipe or socket"):
        read_regular(ZERO, 4, ModelError)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match="a device, pipe or socket"):
        read_regular(tmp_path / "pipe", 4, ModelError)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ModelError, match="found a folder"):
        read_regular(tmp_path, 4, ModelError)


def test_an_honest_archive_is_accepted(tmp_path):
    check_zip(packed(tmp_path / "a.zip", {"one": os.urandom(1000), "two": bytes(1_000_000)}), 2_000_000, ModelError)


def test_members_that_are_too_large_together_are_refused(tmp_path):
    archive = packed(tmp_path / "a.zip", {"one": b"1" * 600, "two": b"2" * 600})
    with pytest.raises(ModelError, match="found 1,200 bytes when inflated; expected at most 1,000"):
        check_zip(archive, 1000, ModelError)


def test_a_member_that_inflates_as_only_a_bomb_does_is_refused(tmp_path):
    archive = packed(tmp_path / "a.zip", {"bomb": bytes(SMALL_BYTES + 1)})
    with pytest.raises(ModelError, match=r"bomb: found .* bytes that inflate to 16,000,001"):
        check_zip(archive, 10**9, ModelError)


def test_a_member_that_understates_its_size_is_refused_where_it_is_read_whole(tmp_path):
    archive = packed(tmp_path / "a.zip", {"config.json": os.urandom(WHOLE_BYTES // 1000)})
    check_zip(archive, 10**9, ModelError)
    with pytest.raises(ModelError, match="may inflate to"):
        check_zip(archive, 10**9, ModelError, whole=["config.json"])


def test_a_packing_method_without_a_limit_is_refused(tmp_path):
    with pytest.raises(ModelError, match="packing method 14"):
        check_zip(packed(tmp_path / "a.zip", {"one": b"1"}, zipfile.ZIP_LZMA), 1000, ModelError)


@pytest.mark.parametrize("data", [b"", b"no archive"])
def test_what_is_no_archive_is_refused(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(ModelError, match="a damaged archive"):
        check_zip(tmp_path / "a.zip", 1000, ModelError)


@pytest.mark.parametrize(
    ("packed_bytes", "inflated", "method", "whole", "trouble"),
    [
        (1, SMALL_BYTES, zipfile.ZIP_DEFLATED, False, ""),
        (1, SMALL_BYTES + 1, zipfile.ZIP_DEFLATED, False, "1 bytes that inflate to 16,000,001"),
        (100_000, 20_000_000, zipfile.ZIP_DEFLATED, False, ""),
        (100_000, 20_000_001, zipfile.ZIP_DEFLATED, False, "100,000 bytes that inflate to 20,000,001"),
        (WHOLE_BYTES // 1032, 1, zipfile.ZIP_DEFLATED, True, ""),
        (WHOLE_BYTES // 1032 + 1, 1, zipfile.ZIP_DEFLATED, True, "248,063 bytes that may inflate to 256,001,016"),
        (WHOLE_BYTES // 1032 + 1, 1, zipfile.ZIP_DEFLATED, False, ""),
        (WHOLE_BYTES, WHOLE_BYTES, zipfile.ZIP_STORED, True, ""),
        (WHOLE_BYTES + 1, 1, zipfile.ZIP_STORED, True, "256,000,001 bytes that may inflate to 256,000,001"),
    ],
)
def test_a_member_is_honest_up_to_its_limits(packed_bytes, inflated, method, whole, trouble):
    member = zipfile.ZipInfo("member")
    member.compress_size, member.file_size, member.compress_type = packed_bytes, inflated, method
    assert trouble_with(member, read_whole=whole) == trouble


def test_members_may_just_reach_the_limit_together(tmp_path):
    check_zip(packed(tmp_path / "a.zip", {"one": b"1" * 600, "two": b"2" * 400}), 1000, ModelError)


def test_the_size_that_is_said_is_the_files(tmp_path):
    (tmp_path / "file").write_bytes(bytes(1000))
    with pytest.raises(ModelError, match="found 1,000 bytes; expected at most 3"):
        read_regular(tmp_path / "file", 3, ModelError)
