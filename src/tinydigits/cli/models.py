"""`tinydigits models`."""

from typing import Any

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import percent, print_json, print_table


@click.command()
@json_option
def models(as_json: bool) -> None:
    """List the shipped nets with size, published and measured accuracy."""
    rows = [described(name) for name in shipped()]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["model", "parameters", "multiply-adds", "published", "measured, mean ± sd (n)", "as shipped"],
        [
            [
                row["model"],
                f"{row['parameters']:,}",
                f"{row['multiply_adds']:,}",
                percent(row["published"] and row["published"]["test"]),
                measured_text(row["measured"]),
                percent(row["shipped"]["test"]),
            ]
            for row in rows
        ],
    )
    click.echo("\nAccuracy on MNIST's 10,000 test images. Published: one run, by its author; – where the net is ours.")


def shipped() -> tuple[str, ...]:
    from tinydigits.formats.model_file import SHIPPED

    return SHIPPED


def described(name: str) -> dict[str, Any]:
    """One shipped net as a JSON object."""
    from dataclasses import asdict

    from tinydigits.formats.model_file import shipped_bytes
    from tinydigits.formats.onnx import file as onnx_file
    from tinydigits.shipped.results import PUBLISHED, SHIPPED_ENGINE, measured

    file = shipped_bytes(name)
    network, metadata = onnx_file.from_bytes(file, f"{name}.onnx")
    return {
        "model": name,
        "parameters": network.parameters,
        "multiply_adds": network.multiply_adds,
        "bytes": len(file),
        "published": asdict(PUBLISHED[name]) if name in PUBLISHED else None,
        "measured": measured()[name][SHIPPED_ENGINE],
        "shipped": {**metadata.scores, "seed": metadata.seed},
    }


def measured_text(figures: dict[str, Any]) -> str:
    return f"{100 * figures['mean']:.2f} ± {100 * figures['sd']:.2f} % ({figures['n']})"
