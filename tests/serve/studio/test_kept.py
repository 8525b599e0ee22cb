import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinydigits.formats import checkpoint_file, run_folder
from tinydigits.formats.checkpoint_file import Saved
from tinydigits.recipes.recipe import RECIPES
from tinydigits.serve.studio import kept
from tinydigits.serve.studio.kept import Kept
from tinydigits.serve.studio.order import order_of

ORDER = order_of(RECIPES["mlp"])


def test_what_was_kept_is_found_again_until_it_is_forgotten(tmp_path):
    one = Kept(tmp_path / "mlp", ORDER, 12.5)
    kept.keep(one)
    assert kept.kept_in(tmp_path) == [one]
    kept.forget(one.folder)
    assert kept.kept_in(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[" * 10_000, '{"order": {"recipe": "mlp"}}', '{"order": {"recipe": "x"}, "seconds": 1}', "\0"]
    + [json.dumps({"order": {"recipe": "mlp"}, "seconds": seconds}) for seconds in ("x", -1, float("nan"), [1])],
)
def test_files_that_are_none_of_ours_are_passed_over(tmp_path, text):
    (tmp_path / "a.training.json").write_text(text)
    assert kept.kept_in(tmp_path) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps({"order": value, "seconds": value}).encode()))
def test_no_bytes_make_it_fail(tmp_path, content):
    path = tmp_path / "a.training.json"
    path.write_bytes(content)
    assert kept.kept_at(path) is None


def test_a_file_without_a_name_before_its_end_is_passed_over(tmp_path):
    kept.keep(Kept(tmp_path / "mlp", ORDER, 1.0))
    (tmp_path / "mlp.training.json").rename(tmp_path / ".training.json")
    assert kept.kept_in(tmp_path) == []


def test_epochs_are_those_of_the_checkpoints_seed_by_seed(tmp_path):
    order = order_of(RECIPES["mlp"])
    several = Kept(tmp_path / "mlp", type(order)(**{**vars(order), "seed": 3, "seeds": 3}), 1.0)
    for seed, epochs in ((3, 2), (5, 1)):
        history = {"loss": [0.5, 0.4][:epochs], "accuracy": [0.8, 0.9][:epochs], "val_accuracy": [0.7, 0.75][:epochs]}
        state = Saved({}, "native", epochs, 1, seed, history, ())
        checkpoint_file.write(run_folder.checkpoint_of(several.folder, seed), state)
    run_folder.checkpoint_of(several.folder, 4).write_bytes(b"damaged")
    told = [*kept.epochs_of(several)]
    assert [(epoch["seed"], epoch["at"]) for epoch in told] == [(3, 1), (3, 2), (5, 1)]
    assert told[1] == {"seed": 3, "at": 2, "loss": 0.4, "accuracy": 0.9, "validation_accuracy": 0.75}


def test_what_is_discarded_is_gone_with_its_checkpoints(tmp_path):
    kept.keep(Kept(tmp_path / "mlp", ORDER, 1.0))
    for path in (run_folder.checkpoint_of(tmp_path / "mlp"), run_folder.checkpoint_of(tmp_path / "mlp", 7)):
        path.touch()
    (tmp_path / "mlp-2.checkpoint").touch()
    kept.discard(tmp_path / "mlp")
    assert [path.name for path in tmp_path.iterdir()] == ["mlp-2.checkpoint"]
