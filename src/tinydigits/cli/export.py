"""`tinydigits export`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import note, percent, print_json
from tinydigits.cli.exit_codes import FAILURE

if TYPE_CHECKING:
    from tinydigits.export.export_c import OutcomeC
    from tinydigits.export.outcome import Outcome
    from tinydigits.export.web_page import Panel
    from tinydigits.formats.onnx.file import Metadata
    from tinydigits.network.network import Network

# What each form is called in messages.
WORDS = {"c": "C", "html": "page", "onnx": "ONNX file", "litert": "LiteRT file"}
# The options that only some forms take.
OPTIONS = {
    "c": {"int8", "single_header", "max_flash", "max_ram"},
    "html": {"learn", "images"},
    "onnx": {"int8"},
    "litert": {"int8"},
}


@click.command()
@click.argument("model")
@click.option(
    "--to",
    type=click.Choice(list(WORDS)),
    required=True,
    help="c: C99 for a microcontroller; html: a page that reads what is drawn; onnx: for ONNX Runtime and others; "
    "litert: for phones.",
)
@click.option("--int8", is_flag=True, help="c, onnx, litert: whole numbers of 8 bits in place of float32.")
@click.option("--single-header", is_flag=True, help="c: one header in place of a folder for Arduino, CMake and others.")
@click.option("--max-flash", type=click.IntRange(1), help="c: refuse if code and constants need more bytes.")
@click.option("--max-ram", type=click.IntRange(1), help="c: refuse if the net needs more bytes of memory.")
@click.option("--learn", is_flag=True, help="html: the page also trains the net, on MNIST's images, which it holds.")
@click.option("--images", type=click.IntRange(1, 60_000), help="html --learn: training images in the page; all 60,000.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder or file to write; default MODEL-c, or MODEL[-int8] with the ending .html, .onnx or .tflite.",
)
@click.option("--overwrite", is_flag=True, help="Replace --out where it exists.")
@json_option
def export(model: str, to: str, out: Path | None, overwrite: bool, as_json: bool, **options: Any) -> None:
    """Write MODEL for another place, and prove it on MNIST's 10,000 test images.

    MODEL is a shipped net (`tinydigits models` lists them), a run folder, a .keras or an .onnx.

    c: a folder that is at once a library for Arduino, PlatformIO, CMake, ESP-IDF and Zephyr. The C is compiled here and
    must answer every test image as the net does: int8 scores bit for bit as the NumPy reference, float32 with the same
    digits.

    html: one file, which needs no server and sends nothing. In Chromium it must answer every test image as ONNX Runtime
    does. With --learn it holds MNIST too (15 MB), and trains the net anew, with the engine as WebAssembly.

    onnx: one file. In ONNX Runtime, float32 must answer as NumPy does, int8 as the whole numbers of the C, but where
    two probabilities are within 0.1: its rounding differs.

    litert: one file, made by TensorFlow's converter. In LiteRT, and in TensorFlow Lite for Microcontrollers where it is
    installed, float32 must answer as the net does, int8 too but where two probabilities are within 0.25.
    """
    from tinydigits.formats import model_file

    refuse_options(to, options)
    if model_file.shadowed_folder(model) is not None:
        note(f"`{model}` is the shipped model; to mean the folder, write ./{model}")
    network, metadata = model_file.load_network(model)
    outcome = EXPORTS[to](network, metadata, out, overwrite=overwrite, **options)
    if as_json:
        print_json(outcome.as_json())
    else:
        print_outcome(outcome)
    if outcome.disagreements:
        images = ", ".join(map(str, outcome.differing)) + (
            " …" if outcome.disagreements > len(outcome.differing) else ""
        )
        note(f"the {WORDS[to]} answers other than the net for images {images}; do not use it")
        sys.exit(FAILURE)


def refuse_options(to: str, options: dict[str, Any]) -> None:
    """Ends the command if an option was given that the form does not take."""
    for name, value in options.items():
        if value and name not in OPTIONS[to]:
            forms = [form for form, names in OPTIONS.items() if name in names]
            raise click.UsageError(f"--{name.replace('_', '-')} goes with --to {' or '.join(forms)}, not {to}.")


def to_c(network: Network, metadata: Metadata, out: Path | None, *, overwrite: bool, **options: Any) -> Outcome:
    from tinydigits.data.dataset import mnist
    from tinydigits.export.export_c import Options, export_c
    from tinydigits.export.outcome import for_unit_pixels

    name = metadata.name
    path = out or Path(f"{name}-c{'.h' if options['single_header'] else ''}")
    network = for_unit_pixels(network, metadata.pixels)
    own = Options(overwrite=overwrite, **{option: options[option] for option in OPTIONS["c"]})
    return export_c(network, name, path, own, calibration=mnist().train.images, on_warning=note)


def to_html(
    network: Network,
    metadata: Metadata,
    out: Path | None,
    *,
    learn: bool,
    images: int | None,
    overwrite: bool,
    **options: Any,
) -> Outcome:
    from tinydigits.export.export_html import export_html

    if images and not learn:
        raise click.UsageError("--images goes with --learn.")
    path = out or Path(f"{metadata.name}.html")
    panels = learning_panels(network, metadata, images) if learn else ()
    return export_html(network, metadata, path, panels=panels, on_warning=note, overwrite=overwrite)


def learning_panels(network: Network, metadata: Metadata, images: int | None) -> tuple[Panel, ...]:
    """Returns the panel that trains; none, with a note, where the net cannot be trained in a page."""
    from tinydigits.data.dataset import bundled, mnist_test
    from tinydigits.errors import CompilerError, UnsupportedError
    from tinydigits.export.learn_panel import learn_panel

    try:
        return (learn_panel(network, metadata, bundled("train")[:images], mnist_test()),)
    except (CompilerError, UnsupportedError) as error:
        note(f"the page reads and does not learn: {error}")
        return ()


def to_onnx(
    network: Network, metadata: Metadata, out: Path | None, *, int8: bool, overwrite: bool, **options: Any
) -> Outcome:
    from tinydigits.data.dataset import mnist
    from tinydigits.export.export_onnx import export_onnx

    path = out or Path(f"{metadata.name}{'-int8' if int8 else ''}.onnx")
    calibration = mnist().train.images
    return export_onnx(network, metadata, path, calibration=calibration, int8=int8, overwrite=overwrite)


def to_litert(
    network: Network, metadata: Metadata, out: Path | None, *, int8: bool, overwrite: bool, **options: Any
) -> Outcome:
    from tinydigits.data.dataset import mnist
    from tinydigits.export.export_litert import export_litert

    path = out or Path(f"{metadata.name}{'-int8' if int8 else ''}.tflite")
    calibration = mnist().train.images
    return export_litert(
        network, metadata, path, calibration=calibration, int8=int8, on_warning=note, overwrite=overwrite
    )


EXPORTS: dict[str, Callable[..., Outcome]] = {"c": to_c, "html": to_html, "onnx": to_onnx, "litert": to_litert}


def print_outcome(outcome: Outcome) -> None:
    accuracy = "" if outcome.accuracy is None else f"; accuracy {percent(outcome.accuracy)}"
    click.echo(f"{outcome.path}: {size_in_words(outcome)}{accuracy}")
    if outcome.checked_images:
        click.echo(
            f"{outcome.checked_images:,} images checked, {outcome.disagreements:,} answers differ, largest difference "
            f"of a {'score' if outcome.to == 'c' else 'probability'} {outcome.max_abs_difference:.3g}"
        )
    changed = getattr(outcome, "changed_answers", 0)
    if changed:
        click.echo(f"{changed:,} answers are other than those of the float32 net: rounding to 8 bits changed them")
    for run in getattr(outcome, "runtimes", ()):
        click.echo(
            f"{run.runtime} {run.version}: accuracy {percent(run.accuracy)}, "
            f"{run.changed_answers:,} answers other than the float32 net's"
        )


def size_in_words(outcome: Outcome) -> str:
    if outcome.to != "c":
        return f"{outcome.bytes:,} bytes"
    c: OutcomeC = outcome  # type: ignore[assignment]
    return f"{c.bytes:,} bytes of C; on a microcontroller about {c.flash:,} bytes of flash and {c.ram:,} of RAM"
