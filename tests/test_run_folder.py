from tinydigits.run_folder import free_folder, history_csv


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
