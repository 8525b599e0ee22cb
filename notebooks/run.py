"""Run the notebooks from top to bottom and keep what they show.

    python notebooks/run.py                       run both, write their outputs into them
    python notebooks/run.py --check --epochs 1    only see that both run to the end, with little training

Each runs in a fresh kernel of the Python that runs this file, whatever kernels are registered, in an empty folder,
so that what a notebook saves does not land beside it. A notebook that fails stays as it was.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode

from tinydigits.system.atomic import new_file

NOTEBOOKS = sorted(Path(__file__).resolve().parent.glob("*.ipynb"))
# Training is one cell: 2 to 3 minutes on two cores, and more where others use them too.
SECONDS_A_CELL = 1200
# All that a notebook says of the Python it ran on, so that another Python's run shows no difference.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main() -> int:
    """Run what the command line asks for; returns the exit code, 1 where a notebook failed."""
    options = parser().parse_args()
    environment = dict(os.environ)
    if options.epochs is not None:
        environment["EPOCHS"] = str(options.epochs)
    for path in options.notebooks:
        print(f"{path.name}: running", file=sys.stderr)
        try:
            notebook = executed(nbformat.read(path, as_version=4), environment)
        except (CellControlSignal, DeadKernelError) as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            return 1
        if not options.check:
            write(notebook, path)
    return 0


def parser() -> argparse.ArgumentParser:
    """The options, as the module's docstring shows them."""
    options = argparse.ArgumentParser(description="Run the notebooks and keep their outputs.")
    options.add_argument("notebooks", nargs="*", type=Path, default=NOTEBOOKS, help="both, where none is named")
    options.add_argument("--epochs", type=positive, metavar="N", help="train for N epochs, not as published")
    options.add_argument("--check", action="store_true", help="run, but write nothing back")
    return options


def positive(text: str) -> int:
    """A whole number of at least 1; argparse turns the ValueError into its message."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def executed(notebook: NotebookNode, environment: Mapping[str, str]) -> NotebookNode:
    """`notebook` with the outputs of a fresh run, and no metadata that changes from run to run.

    Raises:
        CellExecutionError, CellTimeoutError, DeadKernelError: a cell failed, or took longer than SECONDS_A_CELL.
    """
    # With no folders to look for registered kernels in, "python3" is the running Python's own.
    own_kernel = KernelSpecManager(kernel_dirs=[])
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=own_kernel),
        extra_arguments=["--log-level=ERROR"],  # else every kernel warns that its local sockets are not encrypted
        timeout=SECONDS_A_CELL,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        client.execute(cwd=folder, env=environment, cleanup_kc=True)  # stop the kernel at the end, though it was given
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """Put `notebook` in the place of the file, in one step."""
    with new_file(path) as temporary:
        nbformat.write(notebook, temporary)


if __name__ == "__main__":
    sys.exit(main())
