import pytest

pytest.importorskip("pyarrow")

from tinydigits.errors import OutputError
from tinydigits.recipes.recipe import RECIPES
from tinydigits.scale.results import AFTER, BEFORE, Results, described, read

CNN = RECIPES["cnn"]


def a_row(seed=0, identity=None, **others):
    return described("cnn", CNN, seed) | {"identity": identity, "validation_loss": 0.5} | others


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results.parquet"


def test_a_row_holds_every_setting_and_comes_back_from_the_file(path):
    Results(path, CNN).put([a_row(identity="a")])
    _, (row,) = read(path)
    assert {name: value for name, value in row.items() if value is not None} == {
        name: value for name, value in a_row(identity="a").items() if value is not None
    }
    assert list(row)[:3] == list(BEFORE)
    assert list(row)[-len(AFTER) :] == list(AFTER)
    assert row["optimizer.learning_rate"] == CNN.optimizer.learning_rate


def test_a_run_is_found_by_any_of_its_identities_also_by_the_next_command(path):
    Results(path, CNN).put([a_row(0, "a"), a_row(1, "b")])
    found = Results(path, CNN)
    assert found.find(["x", "b"])["seed"] == 1
    assert found.find(["x"]) is None
    assert found.find([]) is None


def test_a_run_without_an_identity_is_known_by_what_was_asked_for(path):
    results = Results(path, CNN)
    results.put([a_row(0, error="killed"), a_row(1)])
    assert results.row(described("cnn", CNN, 0), [])["error"] == "killed"
    assert results.row(described("cnn", CNN, 1), ["unknown"])["error" if "error" in a_row(1) else "seed"] == 1
    results.put([a_row(0, "a")])  # tried again, and known this time
    assert [row["seed"] for row in read(path)[1]] == [1, 0]
    assert results.row(described("cnn", CNN, 0), ["a"])["identity"] == "a"


def test_a_row_takes_the_place_of_the_one_of_the_same_identity(path):
    results = Results(path, CNN)
    results.put([a_row(0, "a", seconds=1.0)])
    results.put([a_row(0, "a", seconds=2.0)])
    assert [row["seconds"] for row in read(path)[1]] == [2.0]


def test_a_file_of_something_else_is_refused(path):
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"a": [1]}), path)
    with pytest.raises(OutputError, match="the columns a; expected the results of a sweep"):
        Results(path, CNN)
    path.write_text("no Parquet")
    with pytest.raises(OutputError, match="a file that pyarrow cannot read"):
        Results(path, CNN)
