"""`tinydigits train`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import note, percent, print_json
from tinydigits.cli.pixels import pixels_option
from tinydigits.cli.training_options import SEED_LIMIT, settings_option, training_options, user_splits, value_by_name
from tinydigits.system.words import counted

if TYPE_CHECKING:
    from tinydigits.cli.user_data import ReadingOptions
    from tinydigits.formats.keras_pixels import Pixels
    from tinydigits.training.fit import Engine


@click.command()
@click.argument("recipe")
@click.option("--seed", type=click.IntRange(0, SEED_LIMIT - 1), default=0, show_default=True, help="The first seed.")
@click.option("--seeds", type=click.IntRange(1), help="Train this many seeds, one folder each, with a summary.")
@click.option("--epochs", type=click.IntRange(1), help="In place of the recipe's own number.")
@settings_option(
    "KEY=VALUE",
    "Another value for a setting of the recipe, such as optimizer.learning_rate=0.01. Repeat it for others.",
)
@training_options("What trains: our own machine code or Keras' fit; auto takes the first where it can.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder; default the recipe's name.")
@click.option("--overwrite", is_flag=True, help="Replace --out where it exists.")
@click.option(
    "--checkpoint-every",
    type=click.IntRange(1),
    metavar="N",
    help="After every N-th epoch, keep the state of the training in OUT.checkpoint, for --resume.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="In place of --out: go on with the training into FOLDER that was ended, or begin it.",
)
@pixels_option
@json_option
def train(
    recipe: str,
    seed: int,
    seeds: int | None,
    epochs: int | None,
    settings: tuple[str, ...],
    engine: Engine,
    data_path: Path | None,
    test_path: Path | None,
    reading: ReadingOptions,
    out: Path | None,
    overwrite: bool,
    checkpoint_every: int | None,
    resume: Path | None,
    pixels: Pixels | None,
    as_json: bool,
) -> None:
    """Train RECIPE and save everything in a run folder.

    RECIPE is mlp, cnn, sprint, pocket, pocket-5k, pocket-2k or pocket-1k; FILE.py:FUNCTION, a function of your own
    that returns a Recipe or a Keras model compiled with metrics=["accuracy"] (the file is run); or FILE.keras, a
    compiled model, which is trained on from the weights it holds. Models train for 5 epochs of batches of 32 unless
    --epochs says otherwise.

    To go on with a training that was killed or interrupted, give its command again with --resume FOLDER. The weights
    become those of a training that ran through.
    """
    from tinydigits.cli.progress import training_progress
    from tinydigits.formats.run_folder import free_folder
    from tinydigits.recipes.load import name_of
    from tinydigits.training import train as training
    from tinydigits.training.seeds import train_seeds

    if seed + (seeds or 1) > SEED_LIMIT:
        raise click.UsageError(f"--seed {seed} with --seeds {seeds} goes beyond the last seed, {SEED_LIMIT - 1}.")
    if resume is not None and out is not None:
        raise click.UsageError("--resume FOLDER stands in place of --out.")
    name = name_of(recipe)
    common: dict[str, Any] = {
        "epochs": epochs,
        "settings": value_by_name(settings),
        "splits": user_splits(data_path, test_path, reading),
        "engine": engine,
        "on_fallback": lambda reason: note(f"Keras trains this net, not the native engine. {reason}"),
        "folder": resume or out or free_folder(name, Path()),
        "overwrite": overwrite,
        "pixels": pixels,
        "checkpoint_every": checkpoint_every,
        "resume": resume is not None,
    }
    with training_progress(seeds or 1) as show:
        if seeds is None:
            run = training.train(recipe, seed=seed, on_progress=partial(show, f"{name} seed {seed}"), **common)
            outcome = run.as_json()
        else:
            outcome = train_seeds(
                recipe,
                range(seed, seed + seeds),
                on_progress=lambda each, progress: show(f"{name} seed {each}", progress),
                **common,
            )
    for each in dict.fromkeys(each for run in outcome.get("runs", [outcome]) for each in run["notes"]):
        note(each)
    if as_json:
        print_json(outcome)
    elif seeds is None:
        print_run(outcome)
    else:
        print_runs(outcome, common["folder"])


def print_run(run: dict[str, Any]) -> None:
    accuracy = run["accuracy"]
    click.echo(
        f"{run['model']}, {run['parameters']:,} parameters, seed {run['seed']}: "
        f"test {percent(accuracy['test'])}, validation {percent(accuracy['validation'])}, "
        f"training {percent(accuracy['train'])}"
    )
    phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in run["timings"].items())
    click.echo(
        f"{counted(run['epochs'], 'epoch')} by {run['engine']}, {run['seconds']:.1f} s ({phases}); in {run['folder']}/"
    )


def print_runs(outcome: dict[str, Any], folder: Path) -> None:
    for run in outcome["runs"]:
        print_run(run)
    summary = outcome["summary"]
    spread = f" ± {100 * summary['sd']:.2f}" if summary["sd"] is not None else ""
    click.echo(
        f"test accuracy over {counted(summary['n'], 'seed')}: mean {percent(summary['mean'])}{spread}, "
        f"{percent(summary['min'])} to {percent(summary['max'])}; in {folder}/"
    )
