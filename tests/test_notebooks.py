"""The two notebooks: that they still run, and that what is committed is the output of one full, clean run."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tinydigits import data
from tinydigits.data.dataset import Splits
from tinydigits.recipes.recipe import compiled, recipe_named
from tinydigits.system.backend import import_keras

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NAMES = ["mlp", "cnn"]
PUBLISHED_EPOCHS = {"mlp": 30, "cnn": 5}
TEST_ACCURACY = {"mlp": (70, 92), "cnn": (95.5, 97.5)}  # %, where any one seed ends
# Two folders or more from the root, or from a drive; "1/30", "</pre>" and "https://…" are none.
MACHINE_PATH = re.compile(r"(?<![\w<:/.…])/\w[\w.-]*/|\b[A-Za-z]:\\")


def notebook_file(name: str) -> Path:
    return FOLDER / f"handwritten_digits_mnist_{name}.ipynb"


def committed(name: str) -> NotebookNode:
    return nbformat.read(notebook_file(name), as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def texts(notebook: NotebookNode) -> Iterator[str]:
    """All that can be read: cells and outputs, pictures left out, whose letters mean nothing."""
    yield from (cell.source for cell in notebook.cells)
    for output in outputs(notebook):
        yield output.get("text", "")
        yield from (str(value) for kind, value in output.get("data", {}).items() if not kind.startswith("image/"))


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`notebooks/run.py` as a user starts it, from another folder."""
    command = [sys.executable, str(FOLDER / "run.py"), *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "EPOCHS"}
    return subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A notebook of one cell, which has not run."""
    return written(tmp_path / "small.ipynb", "import os\nprint(os.environ.get('EPOCHS'))")


def written(path: Path, source: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(source, id="only")]), path)
    return path


# The notebooks run


@pytest.mark.parametrize("name", NAMES)
def test_the_cells_run_to_their_end_on_a_few_digits(name, whole_mnist, tmp_path, monkeypatch):
    few = Splits(whole_mnist.train[:320], whole_mnist.validation[:100], whole_mnist.test[:200])
    monkeypatch.setattr(data, "mnist", lambda: few)
    monkeypatch.setenv("EPOCHS", "1")
    monkeypatch.chdir(tmp_path)
    variables: dict[str, Any] = {}
    for cell in code_cells(committed(name)):
        exec(cell.source.replace("%matplotlib inline\n", ""), variables)
    assert [path.name for path in tmp_path.iterdir()] == [f"{notebook_file(name).stem}.keras"]


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_to_its_end_in_one_epoch_and_the_file_stays_as_it_was(name, tmp_path):
    before = notebook_file(name).read_bytes()
    finished = run("--check", "--epochs", "1", str(notebook_file(name)), folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert notebook_file(name).read_bytes() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_model_spelled_out_is_the_one_that_the_package_trains(name):
    assert settings_of(lambda: spelled_out(name)) == settings_of(lambda: compiled(recipe_named(name)))


def spelled_out(name: str) -> Any:
    """The compiled model, made by the notebook's own cells."""
    import keras

    variables: dict[str, Any] = {"keras": keras, "layers": keras.layers}
    sources = {cell.id: cell.source for cell in committed(name).cells}
    exec(sources["model"], variables)
    exec(sources["compile"].removesuffix("model.summary()"), variables)
    return variables["model"]


def settings_of(build: Callable[[], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A model's layers and how it is compiled, all names counted from the start."""
    import_keras()
    import keras

    keras.utils.clear_session()
    model = build()
    return model.get_config(), model.get_compile_config()


# What is committed


@pytest.mark.parametrize("name", NAMES)
def test_every_code_cell_was_run_once_and_in_order(name):
    counts = [cell.execution_count for cell in code_cells(committed(name))]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("name", NAMES)
def test_no_output_is_an_error_or_a_warning(name):
    kinds = {(output.output_type, output.get("name")) for output in outputs(committed(name))}
    assert kinds <= {("stream", "stdout"), ("display_data", None), ("execute_result", None)}


@pytest.mark.parametrize("name", NAMES)
def test_training_took_the_published_number_of_epochs(name):
    heads = re.findall(r"^Epoch (\d+)/(\d+)$", "\n".join(texts(committed(name))), re.MULTILINE)
    epochs = PUBLISHED_EPOCHS[name]
    assert heads == [(str(epoch), str(epochs)) for epoch in range(1, epochs + 1)]


@pytest.mark.parametrize("name", NAMES)
def test_the_score_is_where_such_a_net_ends_and_the_saved_model_has_it_too(name):
    scores = re.findall(r"^test accuracy.*?: *([\d.]+) %", "\n".join(texts(committed(name))), re.MULTILINE)
    low, high = TEST_ACCURACY[name]
    assert len(scores) == 2
    assert scores[0] == scores[1]
    assert low < float(scores[0]) < high


@pytest.mark.parametrize("name", NAMES)
def test_four_pictures_are_in_it_and_the_file_stays_small(name):
    pictures = [output for output in outputs(committed(name)) if "image/png" in output.get("data", {})]
    assert len(pictures) == 4
    assert notebook_file(name).stat().st_size < 600_000


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_it_names_a_folder_of_the_machine_that_ran_it(name):
    assert [text for text in texts(committed(name)) if MACHINE_PATH.search(text)] == []


def test_a_folder_of_a_machine_would_be_found():
    for text in ("saved to '/home/ada/digits.keras'", "/tmp/x1/a.py:3: UserWarning", "in C:\\Users\\ada", "(/root/a)"):
        assert MACHINE_PATH.search(text), text


@pytest.mark.parametrize("name", NAMES)
def test_its_metadata_names_no_version_and_no_time(name):
    notebook = committed(name)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert all(cell.metadata == {} for cell in notebook.cells)


# run.py


def test_outputs_are_written_into_the_notebook(small, tmp_path):
    finished = run("--epochs", "3", str(small), folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert [output.text for output in outputs(nbformat.read(small, as_version=4))] == ["3\n"]


def test_a_second_run_changes_no_byte(small, tmp_path):
    run(str(small), folder=tmp_path)
    before = small.read_bytes()
    assert b"None" in before
    run(str(small), folder=tmp_path)
    assert small.read_bytes() == before


def test_with_check_nothing_is_written(small, tmp_path):
    before = small.read_bytes()
    assert run("--check", str(small), folder=tmp_path).returncode == 0
    assert small.read_bytes() == before


def test_no_kernel_stays_behind(tmp_path):
    notebook = written(tmp_path / "who.ipynb", "import os\nprint(os.getpid())")
    finished = run(str(notebook), folder=tmp_path)
    assert finished.stderr == "who.ipynb: running\n"
    (output,) = outputs(nbformat.read(notebook, as_version=4))
    with pytest.raises(ProcessLookupError):
        os.kill(int(output.text), 0)


def test_a_notebook_that_fails_is_named_with_its_error_and_stays_as_it_was(tmp_path):
    failing = written(tmp_path / "failing.ipynb", "print('so far so good')\n1 / 0")
    before = failing.read_bytes()
    finished = run(str(failing), folder=tmp_path)
    assert finished.returncode == 1
    assert "failing.ipynb" in finished.stderr
    assert "ZeroDivisionError" in finished.stderr
    assert failing.read_bytes() == before


@pytest.mark.parametrize("epochs", ["0", "-1", "many"])
def test_epochs_must_be_a_whole_number_of_at_least_one(epochs, small, tmp_path):
    finished = run("--epochs", epochs, str(small), folder=tmp_path)
    assert finished.returncode == 2
    assert "--epochs" in finished.stderr
