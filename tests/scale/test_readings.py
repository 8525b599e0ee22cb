import pytest

pytest.importorskip("pyarrow")

from tinydigits.scale import readings

READ = {
    "file": "a.png",
    "text": "71",
    "digits": [{"digit": digit, "confidence": 0.5, "box": [1, 2, 3, 4]} for digit in (7, 1)],
    "rejected": [{"box": [5, 6, 7, 8], "score": 0.9, "reason": "a sign", "sign": "-"}],
    "doubtful": True,
    "runner_up": "77",
}
FAILED = {"file": "b\udcff.png", "error": "b\udcff.png: found no picture"}


@pytest.fixture
def parts(tmp_path):
    """Two parts of readings: of two pictures, one of which could not be read, and of one."""
    paths = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    for path, rows in zip(paths, ([READ, FAILED], [READ | {"file": "c.png"}]), strict=True):
        readings.write_rows(path, rows)
    return paths


def rows_in(path):
    from pyarrow import parquet

    return parquet.read_table(path).to_pylist()


def test_rows_come_back_with_what_is_missing_as_nothing(parts):
    first, second = rows_in(parts[0])
    assert first == READ | {"error": None}
    assert second == dict.fromkeys(READ) | {"file": r"b\udcff.png", "error": r"b\udcff.png: found no picture"}


def test_parts_are_joined_in_order_under_their_key(parts, tmp_path):
    whole = tmp_path / "whole.parquet"
    readings.join(parts, whole, "a key")
    assert [row["file"] for row in rows_in(whole)] == ["a.png", r"b\udcff.png", "c.png"]
    assert readings.key_of(whole) == "a key"
    assert readings.counts(whole) == {"pictures": 3, "failed": 1, "digits": 4}


def test_a_file_of_something_else_has_no_key(parts, tmp_path):
    assert readings.key_of(parts[0]) is None
    (tmp_path / "text").write_text("no Parquet")
    assert readings.key_of(tmp_path / "text") is None
    assert readings.key_of(tmp_path / "missing") is None


def test_no_pictures_are_a_file_without_rows(tmp_path):
    readings.join([], tmp_path / "none.parquet", "a key")
    assert readings.counts(tmp_path / "none.parquet") == {"pictures": 0, "failed": 0, "digits": 0}
