"""`tinydigits sweep`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinydigits.cli.compare import span
from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import note, percent, print_json, print_table
from tinydigits.cli.exit_codes import FAILURE
from tinydigits.cli.training_options import SEED_LIMIT, settings_option, training_options, user_splits, values_by_name
from tinydigits.system.words import counted

if TYPE_CHECKING:
    from tinydigits.cli.user_data import ReadingOptions
    from tinydigits.training.fit import Engine

# Of five seeds, the 95 % interval of the mean is 2.5 standard deviations wide; of ten, 1.4.
SEEDS = 5
# Most combinations in the printed table; all are in the results.
MOST_ROWS = 40
HEADER = ["settings", "epochs", "seeds", "validation loss", "validation", "95 % of the mean", "test", "sd", "failed"]


@click.command()
@click.argument("recipe")
@settings_option(
    "KEY=V1,V2,...",
    "Values to try for a setting of the recipe, such as optimizer.learning_rate=0.01,0.02. Repeat it for others.",
)
@click.option(
    "--seeds", type=click.IntRange(1, SEED_LIMIT), default=SEEDS, show_default=True, help="Train seeds 0 to N - 1."
)
@click.option(
    "--halving",
    is_flag=True,
    help="Begin with few epochs, and go on with the better half, by validation loss, for twice as many.",
)
@click.option("--epochs", type=click.IntRange(1), help="In place of the recipe's own number.")
@training_options("What trains, as for `train`.")
@click.option(
    "--checkpoint-every",
    type=click.IntRange(1),
    metavar="N",
    help="After every N-th epoch, keep the state of each training in OUT/checkpoints: killed runs go on from there.",
)
@click.option("--ray", is_flag=True, help="Train by Ray, on this machine; needs the extra [scale].")
@click.option("--address", metavar="HOST:PORT", help="Train on the Ray cluster that is there, one run a core.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("sweep"),
    show_default=True,
    help="The folder of results.parquet and sweep.png. Runs that are in it are not trained again.",
)
@json_option
def sweep(
    recipe: str,
    settings: tuple[str, ...],
    seeds: int,
    halving: bool,
    epochs: int | None,
    engine: Engine,
    data_path: Path | None,
    test_path: Path | None,
    reading: ReadingOptions,
    checkpoint_every: int | None,
    ray: bool,
    address: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Train every combination of settings of RECIPE over the same seeds, one run a core.

    RECIPE is what `train` takes. Each run that ends is a row of results.parquet; after an interruption, the same
    command goes on. A run that fails is a row with its error, and stops nothing; the command fails where all runs do.
    """
    from tinydigits.cli.progress import training_progress
    from tinydigits.scale.cluster import by_ray, cluster
    from tinydigits.scale.plan import make_sweep
    from tinydigits.scale.run import by_pool, run

    plan = make_sweep(
        recipe,
        values_by_name(settings),
        range(seeds),
        folder=out,
        halving=halving,
        epochs=epochs,
        splits=user_splits(data_path, test_path, reading),
        engine=engine,
        on_fallback=lambda reason: note(f"Keras trains one of these nets, not the native engine. {reason}"),
        checkpoint_every=checkpoint_every,
    )
    with ExitStack() as stack:
        train = by_ray(stack.enter_context(cluster(address))) if ray or address else by_pool
        show = stack.enter_context(training_progress(max(len(plan.combinations) * seeds, 2)))
        outcome = run(plan, lambda label, seed, progress: show(f"{label}, seed {seed}", progress), train)
    if as_json:
        print_json(outcome)
    else:
        print_outcome(outcome, out)
    if not any(each["loss"]["n"] for each in outcome["combinations"]):
        raise SystemExit(FAILURE)


def print_outcome(outcome: dict[str, Any], out: Path) -> None:
    found = outcome["combinations"]
    columns = HEADER if any(each["failed"] for each in found) else HEADER[:-1]
    print_table(columns, [row(each)[: len(columns)] for each in found[:MOST_ROWS]])
    if len(found) > MOST_ROWS:
        click.echo(f"and {len(found) - MOST_ROWS} more, in results.parquet")
    for each in found:
        for error in each["errors"][:1]:
            note(f"{each['label']}: {error}")
    click.echo("\nThe best validation loss comes first; the test images chose nothing.")
    files = f"results.parquet and sweep.png in {out}/"
    click.echo(f"{counted(outcome['trained'], 'run')} trained, {outcome['found']} found finished; {files}")


def row(each: dict[str, Any]) -> list[str]:
    loss, validation, test = each["loss"], each["validation"], each["test"]
    return [
        each["label"],
        str(each["epochs"]),
        str(validation["n"]),
        "–" if loss["mean"] is None else f"{loss['mean']:.4f}",
        percent(validation["mean"]),
        "–" if validation["interval"] is None else span(*validation["interval"]),
        percent(test["mean"]),
        "–" if test["sd"] is None else f"{100 * test['sd']:.2f}",
        str(each["failed"]),
    ]
