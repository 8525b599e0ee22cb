import pytest

from tinydigits.errors import OutputError
from tinydigits.formats.run_folder import free_folder, history_csv, refuse_foreign


def test_a_free_name_counts_up(tmp_path):
    assert free_folder("cnn", tmp_path) == tmp_path / "cnn"
    (tmp_path / "cnn").mkdir()
    (tmp_path / "cnn-2").mkdir()
    assert free_folder("cnn", tmp_path) == tmp_path / "cnn-3"


def test_the_history_is_one_row_an_epoch_counted_from_one():
    history = {"loss": [0.5, 0.25], "accuracy": [0.1, 1 / 3]}
    assert history_csv(history) == [
        ["epoch", "loss", "accuracy"],
        ["1", "0.5", "0.1"],
        ["2", "0.25", "0.3333333333333333"],
    ]


def test_only_runs_and_empty_folders_may_be_replaced(tmp_path):
    run = tmp_path / "cnn"
    (run / "seed-0").mkdir(parents=True)
    (run / "seed-0" / "model.keras").touch()
    (run / "summary.json").touch()
    refuse_foreign(run)
    refuse_foreign(tmp_path / "nowhere")
    (run / "seed-0" / "thesis.txt").touch()
    with pytest.raises(OutputError, match=r"seed-0/thesis\.txt in it, which is no part of a run"):
        refuse_foreign(run)
