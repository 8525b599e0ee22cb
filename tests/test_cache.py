import threading

import pytest

from tinydigits.cache import locked, make_missing


def writer(text, made):
    def make(path):
        made.append(text)
        path.write_text(text)

    return make


def test_what_is_missing_is_made_and_what_is_there_stays(tmp_path):
    made = []
    (tmp_path / "a").write_text("old")
    make_missing({tmp_path / "a": writer("new", made), tmp_path / "sub" / "b": writer("b", made)})
    assert made == ["b"]
    assert (tmp_path / "a").read_text() == "old"
    assert (tmp_path / "sub" / "b").read_text() == "b"


def test_what_another_is_making_is_left_for_last_and_then_taken_from_it(tmp_path):
    made, busy = [], tmp_path / "busy"
    with locked(busy.with_suffix(".lock"), waits=False) as mine:
        assert mine
        worker = threading.Thread(
            target=make_missing, args=({busy: writer("twice", made), tmp_path / "free": writer("free", made)},)
        )
        worker.start()
        while "free" not in made:
            worker.join(0.01)
        busy.write_text("by the other")
    worker.join(10)
    assert not worker.is_alive()
    assert made == ["free"]
    assert busy.read_text() == "by the other"


def test_a_file_whose_making_fails_is_not_there(tmp_path):
    def fail(path):
        path.write_text("half")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        make_missing({tmp_path / "a": fail})
    assert not (tmp_path / "a").exists()
    make_missing({tmp_path / "a": writer("whole", [])})
    assert (tmp_path / "a").read_text() == "whole"
