"""Runs a sweep: trains what is missing, a row in the results file as soon as a run ends, and reports what came out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydigits.errors import OutputError, TinydigitsError, WorkerDiedError
from tinydigits.scale.grid import Combination
from tinydigits.scale.halving import better_half
from tinydigits.scale.kept import checkpoints_folder, remove_of_finished
from tinydigits.scale.plan import PICTURE, Sweep, Trial, trials
from tinydigits.scale.report import described
from tinydigits.scale.results import Results, Row
from tinydigits.system.atomic import filled_alone, hidden_folder, new_file
from tinydigits.system.interruption import deferred_interruptions
from tinydigits.system.progress import Progress
from tinydigits.training.pool import OnTask, Outcome, outcomes
from tinydigits.training.task import Task

# How often a training is begun again whose process was killed.
RETRIES = 2

# What ends a run through no fault of its own.
FAULTS_OF_THE_MACHINE = (WorkerDiedError, OutputError)

# Called with a combination's label, a seed, and the progress of that training.
OnProgress = Callable[[str, int, Progress], None]
# Trains tasks, and yields what became of them, those together that have ended together.
Batches = Generator[list[tuple[Task, Outcome]], None, None]
Train = Callable[[Sequence[Task], Path, OnTask], Batches]


@dataclass
class Tally:
    """What a sweep has come to so far.

    Attributes:
        rows: of each combination's last round, in the order of seeds.
        trained, found: how many runs were trained, and how many found finished, in all rounds.
    """

    rows: dict[Combination, list[Row]]
    trained: int = 0
    found: int = 0


def by_pool(tasks: Sequence[Task], scratch: Path, on_progress: OnTask) -> Batches:
    """Trains on this machine, one run a core."""
    with closing(outcomes(tasks, scratch, on_progress, retries=RETRIES)) as ended:
        for each in ended:
            yield [each]


@deferred_interruptions()
def run(sweep: Sweep, on_progress: OnProgress | None = None, train: Train = by_pool) -> dict[str, Any]:
    """Train the missing runs of `sweep`, and write `results.parquet` and `sweep.png`.

    Args:
        train: who trains.

    Returns:
        What `report.described` says, and how many runs were trained and found finished.

    Raises:
        OutputError: another sweep is filling the folder, or it cannot be written. The rows so far stay in the file.
    """
    with filled_alone(sweep.folder):
        results, tally = Results(sweep.results_file, sweep.recipe), Tally({})
        with (
            checkpoints_folder(sweep.folder, wanted=sweep.checkpoint_every is not None),
            hidden_folder(sweep.folder) as scratch,
        ):
            left: Sequence[Combination] = sweep.combinations
            for number, epochs in enumerate(sweep.rounds):
                if number:
                    left = better_half({each: losses(tally.rows[each]) for each in left})
                wanted = list(trials(sweep, left, epochs))
                run_round(wanted, results, tally, lambda tasks, told: train(tasks, scratch, told), on_progress)
        outcome = described(sweep, tally.rows)
        with new_file(sweep.folder / PICTURE) as file:
            draw(outcome, file)
    return {**outcome, "trained": tally.trained, "found": tally.found}


def losses(rows: Sequence[Row]) -> list[float | None]:
    return [row.get("validation_loss") for row in rows]


def run_round(
    wanted: Sequence[Trial],
    results: Results,
    tally: Tally,
    train: Callable[[Sequence[Task], OnTask], Batches],
    on_progress: OnProgress | None,
) -> None:
    """Trains what is missing of the wanted runs, and notes the rows of all of them in `tally`."""
    rows: dict[Trial, Row] = {each: row for each in wanted if (row := results.find(each.identities))}
    missing = [each for each in wanted if each not in rows]
    first = {each.identities or each: each for each in reversed(missing)}  # of several that want the same run
    tasks = {each.work: each for each in reversed(first.values()) if isinstance(each.work, Task)}
    hopeless = [each for each in missing if isinstance(each.work, TinydigitsError)]
    if hopeless:
        results.put(row_of(each, each.work) for each in hopeless)
    tally.found += len(rows)
    remove_of_finished(results.path.parent, [each.identities for each in rows])

    def show(task: Task, progress: Progress) -> None:
        if on_progress:
            on_progress(tasks[task].combination.label, task.seed, progress)

    with closing(train(list(tasks), show)) as ended:
        for batch in ended:
            ended_rows = {tasks[task]: row_of(tasks[task], outcome) for task, outcome in batch}
            results.put(ended_rows.values())
            finished = [each.identities for each, row in ended_rows.items() if row["identity"]]
            remove_of_finished(results.path.parent, finished)
            tally.trained += len(batch)
    for combination in dict.fromkeys(each.combination for each in wanted):
        own = [each for each in wanted if each.combination is combination]
        tally.rows[combination] = [rows.get(each) or results.row(each.asked, each.identities) for each in own]


def row_of(each: Trial, outcome: Outcome | Task) -> Row:
    """The row of a run that ended. One that the machine failed has no identity, so that it is trained again."""
    if isinstance(outcome, TinydigitsError):
        known = each.identities and not isinstance(outcome, FAULTS_OF_THE_MACHINE)
        return {**each.asked, "identity": each.identities[0] if known else None, "error": str(outcome)}
    assert isinstance(outcome, dict)
    return {**each.asked, **outcome}


def draw(outcome: dict[str, Any], file: Path) -> None:
    from tinydigits.figures import runs, sweeps

    runs.save(sweeps.sweep(outcome), file)
