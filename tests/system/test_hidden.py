"""What killed processes leave is cleared by whoever wants the place next; what is in use, or the user's, never."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

from tinydigits.errors import OutputError
from tinydigits.formats.run_folder import free_folder
from tinydigits.system import hidden
from tinydigits.system.atomic import hidden_folder, new_file, new_folder

# Fills a place half, says so, and waits to be killed.
HALF = """
import sys, time
from pathlib import Path
from tinydigits.system.atomic import new_file, new_folder
kind, path = sys.argv[1], Path(sys.argv[2])
with new_file(path) if kind == "file" else new_folder(path, overwrite=kind == "overwriting") as temporary:
    (temporary if kind == "file" else temporary / "half").write_text("half")
    print("begun", flush=True)
    time.sleep(1000)
"""


@pytest.fixture
def begin():
    """Start a process that fills a place half; all are killed at the end."""
    started = []

    def begin(kind, path):
        process = subprocess.Popen([sys.executable, "-c", HALF, kind, str(path)], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline() == "begun\n"
        return process

    yield begin
    for process in started:
        kill(process)


def kill(process):
    process.kill()
    process.wait()
    process.stdout.close()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_of_a_killed_process_is_free_again(tmp_path, begin):
    path = tmp_path / "run"
    kill(begin("folder", path))
    assert len(names(tmp_path)) == 2, "the killed process left nothing: this test shows nothing"
    with new_folder(path) as temporary:
        (temporary / "whole").touch()
    assert names(tmp_path) == ["run"]
    assert names(path) == ["whole"]


def test_the_folder_of_a_living_process_is_not(tmp_path, begin):
    path = tmp_path / "run"
    begin("folder", path)
    before = names(tmp_path)
    with pytest.raises(OutputError, match="something of that name"), new_folder(path):
        raise AssertionError("two began")
    assert names(tmp_path) == before


def test_a_dead_process_frees_nothing_that_a_living_one_keeps(tmp_path, begin):
    path = tmp_path / "run"
    kill(begin("folder", path))
    (tmp_path / "run").rmdir()
    (dead,) = names(tmp_path)
    (tmp_path / dead).rename(tmp_path / "away")
    begin("folder", path)
    (tmp_path / "away").rename(tmp_path / dead)
    with pytest.raises(OutputError, match="something of that name"), new_folder(path):
        raise AssertionError("two began")
    assert path.is_dir()
    assert not (tmp_path / dead).exists()


def test_overwriting_that_was_killed_leaves_the_old_folder(tmp_path, begin):
    path = tmp_path / "run"
    path.mkdir()
    (path / "theirs").touch()
    kill(begin("overwriting", path))
    with pytest.raises(OutputError, match="something of that name"), new_folder(path):
        raise AssertionError("it was replaced without being asked for")
    assert names(tmp_path) == ["run"]
    assert names(path) == ["theirs"]


def test_a_folder_that_was_about_to_be_replaced_is_put_back(tmp_path):
    path = tmp_path / "run"
    aside = tmp_path / f".run.{hidden.HOST}.abcdefgh"
    (aside / hidden.REPLACED).mkdir(parents=True)
    (aside / hidden.REPLACED / "theirs").touch()
    with pytest.raises(OutputError, match="something of that name"), new_folder(path):
        raise AssertionError("it was replaced without being asked for")
    assert names(tmp_path) == ["run"]
    assert names(path) == ["theirs"]


def test_the_file_of_a_killed_process_goes_and_the_old_one_stays(tmp_path, begin):
    path = tmp_path / "picture.png"
    path.write_text("old")
    kill(begin("file", path))
    assert len(names(tmp_path)) == 2
    with pytest.raises(KeyboardInterrupt), new_file(path):
        raise KeyboardInterrupt
    assert names(tmp_path) == ["picture.png"]
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    "name", [".run.backup", ".run.abcdefgh", ".run.00000000.abcdefgh", f".runs.{hidden.HOST}.abcdefgh"]
)
def test_folders_of_others_stay(name, tmp_path):
    (tmp_path / name).mkdir()
    (tmp_path / name / "theirs").touch()
    with new_folder(tmp_path / "run"):
        pass
    assert (tmp_path / name / "theirs").exists()


def test_a_folder_that_the_user_made_beside_a_leftover_stays_with_what_it_holds(tmp_path, begin):
    path = tmp_path / "run"
    kill(begin("folder", path))
    (path / "theirs").touch()
    with pytest.raises(OutputError, match="something of that name"), new_folder(path):
        raise AssertionError("it was replaced without being asked for")
    assert names(tmp_path) == ["run"]
    assert names(path) == ["theirs"]


def test_scratch_beside_a_folder_goes_and_the_folder_stays(tmp_path, begin):
    path = tmp_path / "comparison"
    kill(begin("folder", path))
    with hidden_folder(path) as scratch:
        assert names(tmp_path) == sorted([scratch.name, "comparison"])


def test_a_name_is_given_again_once_its_process_is_dead(tmp_path, begin):
    process = begin("folder", tmp_path / "mlp")
    assert free_folder("mlp", tmp_path).name == "mlp-2"
    kill(process)
    assert free_folder("mlp", tmp_path).name == "mlp"


def test_where_nothing_can_be_locked_nothing_is_taken_for_a_leftover(tmp_path, monkeypatch):
    monkeypatch.setattr(hidden, "can_lock", lambda descriptor: None)
    with hidden_folder(tmp_path / "run") as scratch:
        monkeypatch.undo()
        hidden.clear_leftovers(tmp_path / "run")
        assert scratch.is_dir()
    assert names(tmp_path) == []


def test_a_place_is_in_use_while_a_living_process_fills_it(tmp_path, begin):
    path = tmp_path / "run"
    assert not hidden.in_use(path)
    assert not hidden.in_use(tmp_path / "missing" / "run")
    process = begin("folder", path)
    assert hidden.in_use(path)
    kill(process)
    assert not hidden.in_use(path)


def test_a_place_was_left_by_the_dead_alone_if_no_living_process_wants_it(tmp_path, begin):
    path = tmp_path / "run"
    assert not hidden.clear_leftovers(path)
    kill(begin("folder", path))
    assert hidden.clear_leftovers(path)
    assert not hidden.clear_leftovers(path)
    path.rmdir()
    begin("folder", path)
    assert not hidden.clear_leftovers(path)


def test_what_was_replaced_goes_once_there_is_another(tmp_path):
    path, aside = tmp_path / "run", tmp_path / f".run.{hidden.HOST}.abcdefgh"
    (aside / hidden.REPLACED).mkdir(parents=True)
    path.mkdir()
    (path / "new").touch()
    assert hidden.clear_leftovers(path)
    assert names(tmp_path) == ["run"]
    assert names(path) == ["new"]


def test_without_locks_work_goes_on_and_nothing_is_cleared(tmp_path, monkeypatch):
    monkeypatch.setattr(hidden, "fcntl", None)
    with hidden.alone(tmp_path) as free, hidden.alone(tmp_path) as also_free:
        assert free
        assert also_free
    with hidden_folder(tmp_path / "run") as scratch:
        assert hidden.HOST not in scratch.name
        assert not hidden.clear_leftovers(tmp_path / "run")
        assert scratch.is_dir()
    with new_folder(tmp_path / "run") as temporary:
        (temporary / "whole").touch()
    assert names(tmp_path / "run") == ["whole"]


def test_a_folder_is_alone_in_one_block_at_a_time(tmp_path):
    with hidden.alone(tmp_path) as first, hidden.alone(tmp_path) as second:
        assert (first, second) == (True, False)
    with hidden.alone(tmp_path) as again:
        assert again


def test_a_marked_folder_says_its_machine_and_is_for_one_user(tmp_path):
    with hidden.locked_folder(tmp_path / "run") as folder:
        assert folder.name.startswith(f".run.{hidden.HOST}.")
        assert len(folder.name) == len(f".run.{hidden.HOST}.") + 8
        assert folder.stat().st_mode & 0o777 == 0o700
        assert hidden.hidden_folders(tmp_path / "run") == [folder]
    assert names(tmp_path) == []


def test_a_process_killed_before_it_locks_its_folder_leaves_one_that_is_cleared(tmp_path, monkeypatch):
    path = tmp_path / "run"
    with monkeypatch.context() as killed:
        killed.setattr(hidden, "lock", lambda folder: 1 / 0)
        killed.setattr(hidden.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(ZeroDivisionError), hidden.locked_folder(path):
            raise AssertionError("it went on without the lock")
    assert len(names(tmp_path)) == 1, "the killed process left nothing: this test shows nothing"
    with new_folder(path):
        assert len(names(tmp_path)) == 2
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("moment", ["before it is opened", "before it is locked", "while it is locked"])
def test_a_folder_that_another_clears_before_it_is_locked_is_made_again(tmp_path, monkeypatch, moment):
    path, lock, cleared = tmp_path / "run", hidden.lock, []

    @contextmanager
    def raced(folder):
        first = not cleared
        cleared.append(folder)
        if first and moment == "before it is opened":
            folder.rmdir()
        with lock(folder) as locked:
            if first:
                folder.rmdir()
            yield False if first and moment == "while it is locked" else locked

    monkeypatch.setattr(hidden, "lock", raced)
    with hidden.locked_folder(path) as folder:
        assert folder.is_dir()
        assert cleared == [cleared[0], folder]
        assert cleared[0] != folder
        assert hidden.in_use(path)
    assert names(tmp_path) == []


def test_where_files_cannot_be_locked_the_folder_has_no_mark(tmp_path, monkeypatch):
    monkeypatch.setattr(hidden, "fcntl", None)
    with hidden.locked_folder(tmp_path / "run") as folder:
        assert folder.is_dir()
        assert hidden.hidden_folders(tmp_path / "run") == []
    assert names(tmp_path) == []


def test_a_folder_that_is_cleared_each_time_is_an_error_and_no_endless_loop(tmp_path, monkeypatch):
    monkeypatch.setattr(hidden, "can_lock", lambda descriptor: False)
    with pytest.raises(OutputError, match="taken away"), new_file(tmp_path / "picture.png"):
        raise AssertionError("it went on without the lock")
