import errno
import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from tinydigits.errors import OutputError
from tinydigits.system.atomic import filled_alone, hidden_folder, new_file, new_folder, put, words_of


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "picture.png"
    with new_file(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert names(tmp_path) == ["picture.png"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_file_leaves_the_old_one(tmp_path, error):
    path = tmp_path / "picture.png"
    path.write_text("old")
    with pytest.raises(error), new_file(path) as temporary:
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["picture.png"]


def test_a_folder_appears_whole_and_readable_by_others(tmp_path):
    with new_folder(tmp_path / "a" / "run") as temporary:
        (temporary / "x").write_text("1")
        assert names(tmp_path / "a" / "run") == []
    assert names(tmp_path / "a") == ["run"]
    beside = tmp_path / "beside"
    beside.mkdir()
    assert (tmp_path / "a" / "run").stat().st_mode == beside.stat().st_mode


def test_an_existing_folder_is_refused_before_any_work(tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(OutputError, match="--overwrite"), new_folder(tmp_path / "run"):
        raise AssertionError("the work began")


def test_overwriting_replaces_all_that_was_there(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").touch()
    with new_folder(tmp_path / "run", overwrite=True) as temporary:
        (temporary / "new").touch()
        assert (tmp_path / "run" / "old").exists()
    assert names(tmp_path / "run") == ["new"]
    assert names(tmp_path) == ["run"]


def test_an_interrupted_overwrite_leaves_the_old_folder(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").touch()
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "run", overwrite=True):
        raise KeyboardInterrupt
    assert names(tmp_path / "run") == ["old"]
    assert names(tmp_path) == ["run"]


def test_a_folder_made_meanwhile_by_someone_else_is_kept(tmp_path):
    with pytest.raises(OutputError, match="not empty"), new_folder(tmp_path / "run"):
        (tmp_path / "run" / "theirs").touch()
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["theirs"]


def test_a_free_name_is_taken_from_the_start(tmp_path):
    with new_folder(tmp_path / "run"), pytest.raises(OutputError), new_folder(tmp_path / "run"):
        raise AssertionError("two began")
    assert names(tmp_path / "run") == []


def test_a_folder_that_cannot_be_moved_into_place_leaves_the_old_one(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "old").touch()
    with pytest.raises(OutputError), new_folder(tmp_path / "run", overwrite=True) as temporary:
        temporary.rmdir()
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["old"]


@pytest.mark.parametrize("path", [".", "..", "a/.."])
def test_a_folder_in_use_is_refused(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="a folder in use"), new_folder(Path(path), overwrite=True):
        raise AssertionError("the work began")


def test_a_link_to_nowhere_is_refused_before_any_work(tmp_path):
    (tmp_path / "run").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="no folder"), new_folder(tmp_path / "run"):
        raise AssertionError("the work began")


def test_a_file_is_written_through_its_link(tmp_path):
    (tmp_path / "real.png").touch()
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    with new_file(tmp_path / "link.png") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_text() == "new"


def test_only_a_file_is_replaced_by_a_file(tmp_path):
    with pytest.raises(OutputError, match="no file"), new_file(tmp_path):
        raise AssertionError("the work began")


def test_a_full_disk_is_a_typed_error_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputError, match="No space left"), new_folder(tmp_path / "run"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert names(tmp_path) == []


def test_a_place_that_cannot_be_written_is_a_typed_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError), new_folder(tmp_path / "file" / "run"):
        pass
    with pytest.raises(OutputError), new_file(tmp_path / "missing" / "x.png") as temporary:
        temporary.touch()
    with pytest.raises(OutputError, match="no folder"), new_folder(tmp_path / "file", overwrite=True):
        pass


def test_the_words_of_hdf5_are_the_systems(tmp_path):
    page = "Can't write data (file write failed: errno = 28, error message = 'No space left on device', buf = 0x55)"
    with pytest.raises(OutputError, match="found No space left on device; expected"), new_file(tmp_path / "a"):
        raise OSError(page)


@pytest.fixture
def synced(monkeypatch):
    """The files whose bytes were written to disk, in order, as they were called then."""
    files = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: files.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    return files


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a system that tells what a descriptor is of")
def test_bytes_are_on_the_disk_before_a_name_appears(tmp_path, synced):
    with new_file(tmp_path / "picture.png") as temporary:
        temporary.write_text("whole")
    with new_folder(tmp_path / "run") as folder:
        (folder / "deep").mkdir()
        for name in ("a", "deep/b"):
            (folder / name).touch()
    with hidden_folder(tmp_path / "put") as scratch:
        (scratch / "part").mkdir()
        (scratch / "part" / "c").touch()
        put(scratch / "part", tmp_path / "put")
    assert [synced[0], *sorted(synced[1:3]), synced[3]] == [
        temporary,
        folder / "a",
        folder / "deep" / "b",
        scratch / "part" / "c",
    ]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000])
def test_a_folder_may_be_read_by_whom_the_umask_lets(tmp_path, mask):
    before = os.umask(mask)
    try:
        with new_folder(tmp_path / "run") as temporary:
            assert temporary.stat().st_mode & 0o777 == 0o777 & ~mask
        assert os.umask(mask) == mask  # it is as it was
    finally:
        os.umask(before)
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o777 & ~mask


def test_a_finished_folder_gets_its_name_in_one_step_unless_it_is_taken(tmp_path):
    for name, taken in (("free", False), ("taken", True)):
        (tmp_path / "made").mkdir()
        (tmp_path / "made" / "mine").touch()
        if taken:
            (tmp_path / name).mkdir()
            (tmp_path / name / "theirs").touch()
        with pytest.raises(OutputError, match="not empty") if taken else nullcontext():
            put(tmp_path / "made", tmp_path / name)
        assert names(tmp_path / name) == ["theirs" if taken else "mine"]


def test_one_command_at_a_time_fills_a_folder(tmp_path):
    folder = tmp_path / "a" / "sweep"
    with filled_alone(folder):
        with pytest.raises(OutputError, match="another command that is filling it"), filled_alone(folder):
            raise AssertionError("two began")
        (folder / "mine").touch()
    with filled_alone(folder):
        assert names(folder) == ["mine"]
    with pytest.raises(OutputError), filled_alone(folder / "mine"):
        raise AssertionError("the work began")


@pytest.mark.parametrize("error", [KeyboardInterrupt, None])
def test_a_folder_in_which_nothing_came_to_be_goes(tmp_path, error):
    with pytest.raises(error) if error else nullcontext(), filled_alone(tmp_path / "sweep"):
        if error:
            raise error
    assert names(tmp_path) == []


def test_scratch_goes_also_when_the_work_fails_and_a_full_disk_is_a_typed_error(tmp_path):
    with pytest.raises(OutputError, match="No space left"), hidden_folder(tmp_path / "run") as scratch:
        (scratch / "half").touch()
        assert scratch.parent == tmp_path
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert names(tmp_path) == []


def test_an_error_without_any_words_is_said_as_it_is():
    assert words_of(OSError("a strange one")) == "a strange one"
    assert words_of(OSError(errno.EACCES, "Permission denied")) == "Permission denied"
