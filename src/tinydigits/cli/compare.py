"""`tinydigits compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import note, percent, print_json, print_table
from tinydigits.cli.training_options import SEED_LIMIT, training_options, user_splits
from tinydigits.system.words import counted

if TYPE_CHECKING:
    from tinydigits.cli.user_data import ReadingOptions
    from tinydigits.training.fit import Engine

# Six seeds are the fewest of which a sign-flip test can say 5 %; ten are what the shipped nets were measured with.
SEEDS = 10


@click.command()
@click.argument("recipes", nargs=-1, required=True, metavar="RECIPE RECIPE...")
@click.option(
    "--seeds",
    type=click.IntRange(1, SEED_LIMIT),
    default=SEEDS,
    show_default=True,
    help="Train seeds 0 to N - 1 of each.",
)
@click.option("--epochs", type=click.IntRange(1), help="In place of the recipes' own numbers.")
@training_options("What trains, as for `train`.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("comparison"),
    show_default=True,
    help="Where the runs are, and those to come. Finished ones are not trained again.",
)
@json_option
def compare(
    recipes: tuple[str, ...],
    seeds: int,
    epochs: int | None,
    engine: Engine,
    data_path: Path | None,
    test_path: Path | None,
    reading: ReadingOptions,
    out: Path,
    as_json: bool,
) -> None:
    """Train each RECIPE over the same seeds, and say what their differences are worth.

    A RECIPE is what `train` takes. --out may exist: finished runs in it count, found by content, whatever they are
    called.
    """
    from tinydigits.cli.progress import training_progress
    from tinydigits.comparing.plan import make_plan
    from tinydigits.comparing.run import run

    if len(recipes) < 2 or len(set(recipes)) < len(recipes):
        raise click.UsageError("Name two recipes or more, each once.")
    plan = make_plan(
        recipes,
        range(seeds),
        folder=out,
        epochs=epochs,
        splits=user_splits(data_path, test_path, reading),
        engine=engine,
        on_fallback=lambda reason: note(f"Keras trains one of these nets, not the native engine. {reason}"),
    )
    with training_progress(max(len(plan.missing), 2)) as show:
        outcome = run(plan, lambda label, seed, progress: show(f"{label} seed {seed}", progress))
    if as_json:
        print_json(outcome)
        return
    print_recipes(outcome)
    print_pairs(outcome)
    files = f"comparison.json and comparison.png in {out}/"
    click.echo(f"\n{counted(len(plan.missing), 'run')} trained, {plan.finished} found finished; {files}")


def print_recipes(outcome: dict[str, Any]) -> None:
    images = outcome["images"]
    click.echo(f"Accuracy on {images['count']:,} {images['name']}\n")
    print_table(
        ["recipe", "parameters", "multiply-adds", "seeds", "mean", "sd", "95 % of the mean", "range", "fit"],
        [recipe_row(recipe) for recipe in outcome["recipes"]],
    )


def recipe_row(recipe: dict[str, Any]) -> list[str]:
    accuracy = recipe["accuracy"]
    return [
        recipe["recipe"],
        f"{recipe['parameters']:,}",
        "–" if recipe["multiply_adds"] is None else f"{recipe['multiply_adds']:,}",
        str(accuracy["n"]),
        percent(accuracy["mean"]),
        "–" if accuracy["sd"] is None else f"{100 * accuracy['sd']:.2f}",
        "–" if accuracy["interval"] is None else span(*accuracy["interval"]),
        span(accuracy["min"], accuracy["max"]),
        f"{recipe['fit_seconds']:.1f} s",
    ]


def span(low: float, high: float) -> str:
    return f"{100 * low:.2f} to {100 * high:.2f}"


def print_pairs(outcome: dict[str, Any]) -> None:
    click.echo("\nDifferences in points, and the chance of one so large if there were none, p:\n")
    print_table(
        ["first − second", "difference", "p, other seeds", "p, other images"],
        [
            [
                f"{pair['first']} − {pair['second']}",
                f"{100 * pair['difference']:+.2f}",
                p_text(pair["permutation"]["p"]),
                p_text(pair["mcnemar"]["p"]),
            ]
            for pair in outcome["pairs"]
        ],
    )


def p_text(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"
