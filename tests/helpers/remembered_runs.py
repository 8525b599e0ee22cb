"""Real trainings, each done once in a test session: for tests of what is done with finished runs."""

import json
import shutil
from dataclasses import replace

from tinydigits.recipes.identity import data_hash
from tinydigits.training.train import trained_into


class RememberedRuns:
    """Takes `trained_into`'s place; a training that was done before is a copy of its folder.

    Args:
        store: the folder that finished runs are kept in.
    """

    def __init__(self, store):
        self._store = store
        self._runs = {}

    def __call__(self, temporary, folder, job, seed, on_progress, checkpoint=None):
        wanted = key(job, seed)
        if wanted not in self._runs:
            told = []
            run = trained_into(temporary, folder, job, seed, lambda progress: tell(told, progress, on_progress))
            shutil.copytree(temporary, self._store / str(len(self._runs)))
            self._runs[wanted] = run, told, self._store / str(len(self._runs))
            return run
        run, told, kept = self._runs[wanted]
        for progress in told:
            tell([], progress, on_progress)
        again = replace(run, folder=folder)
        shutil.copytree(kept, temporary, dirs_exist_ok=True)
        (temporary / "report.json").write_text(json.dumps(again.as_json()))
        return again


def key(job, seed):
    """Everything that decides a run, and what it is called."""
    return json.dumps(
        [job.recipe.as_json(), job.recipe.epochs, job.engine, job.pixels, seed, job.splits and data_hash(job.splits)]
    )


def tell(told, progress, on_progress):
    told.append(progress)
    if on_progress:
        on_progress(progress)
