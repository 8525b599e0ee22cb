"""A sweep on a Ray cluster of three nodes, one of which is killed: nothing is lost, and nothing done twice."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from PIL import Image

from helpers import light_sweep, light_worker
from tinydigits.errors import MissingDependencyError, RecipeError, TrainingError
from tinydigits.recipes.recipe import RECIPES
from tinydigits.scale import cluster
from tinydigits.scale.plan import make_sweep
from tinydigits.scale.run import run

pytest.importorskip("ray")

RATE = "optimizer.learning_rate"
LIMIT = 120
# What Ray leaves to the garbage collector when it ends its own processes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def three_nodes(diary, monkeypatch):
    """A cluster of three nodes on this machine, one core each, and what this process is connected to it by."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]))
    import ray
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
    nodes = Cluster(initialize_head=True, head_node_args=node)
    others = [nodes.add_node(**node) for _ in range(2)]
    try:
        ray.init(address=nodes.address, log_to_driver=False, logging_level="error")
        yield nodes, others
    finally:
        ray.shutdown()
        nodes.shutdown()


def rows(folder):
    with parquet.ParquetFile(folder / "results.parquet") as file:
        return file.read().to_pylist()


def test_a_node_that_is_killed_loses_nothing_and_nothing_is_done_twice(three_nodes, diary, monkeypatch, tmp_path):
    nodes, others = three_nodes
    light_sweep.light(monkeypatch.setattr)
    choices = {RATE: [0.1, 0.2, 0.3]}
    sweep = make_sweep("mlp", choices, range(6), folder=tmp_path / "a", epochs=60, checkpoint_every=5)
    with cluster.cluster(None) as ray:
        assert ray.cluster_resources()["CPU"] == 3
        train, killed = cluster.by_ray(ray, light_worker.carry_out), []

        def one_killed(*arguments):
            for batch in train(*arguments):
                yield batch
                if len(diary()) >= 5 and not killed:
                    killed.append(time.monotonic())
                    nodes.remove_node(others[0], allow_graceful=False)

        outcome = run(sweep, train=one_killed)
    assert killed
    assert outcome["trained"] == 18
    assert sum(each["failed"] for each in outcome["combinations"]) == 0
    assert len(rows(tmp_path / "a")) == 18
    # A training that the node had ended, but could not tell of, is the only one that may have been done again.
    assert len(set(diary())) == 18
    assert len(diary()) <= 19
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["results.parquet", "sweep.png"]
    again = run(sweep, train=train)
    assert (again["trained"], again["found"]) == (0, 18)

    failing = make_sweep("mlp", {"batch_size": [light_worker.FAILING]}, range(2), folder=tmp_path / "b", epochs=1)
    outcome = run(failing, train=train)
    assert "found a loss of nan" in outcome["combinations"][0]["errors"][0]

    with pytest.raises(RecipeError, match="found one of this process alone"):
        mine = replace(RECIPES["mlp"], name="mine", epochs=1)
        run(make_sweep(mine, {}, [0], folder=tmp_path / "c"), train=train)

    monkeypatch.setattr(cluster, "Trainer", light_worker.NoTrainer)
    with pytest.raises(TrainingError, match="this node lacks something"):
        run(make_sweep("mlp", {RATE: [0.7]}, [0], folder=tmp_path / "d", epochs=1), train=train)


def test_pictures_are_read_by_ray_as_on_this_machine(command, few_digits, empty_folder):
    Path("pictures").mkdir()
    for number in range(6):
        Image.fromarray(255 - few_digits.images[number]).save(f"pictures/{number}.png")
    Path("pictures/broken.png").write_text("no picture")
    how = ("read", "pictures", "--model", "pocket-1k", "--out")
    by_pool, by_ray = command(*how, "a.parquet"), command(*how, "b.parquet", "--ray")
    assert by_ray.stdout == by_pool.stdout.replace("a.parquet", "b.parquet")
    assert parquet.read_table("b.parquet").equals(parquet.read_table("a.parquet"))
    assert sorted(path.name for path in empty_folder.iterdir()) == ["a.parquet", "b.parquet", "pictures"]
    assert command("read", "pictures", "--ray").code == 2


def test_no_cluster_at_an_address_is_an_error(command, empty_folder, monkeypatch):
    light_sweep.light(monkeypatch.setattr)
    outcome = command("sweep", "mlp", "--address", "127.0.0.1:1", "--seeds", 1)
    assert outcome.code == 1
    assert "Ray at 127.0.0.1:1: found" in outcome.stderr
    assert list(empty_folder.iterdir()) == []


def test_a_missing_ray_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tinydigits\[scale\]'"):
        cluster.ray_for("a cluster")
