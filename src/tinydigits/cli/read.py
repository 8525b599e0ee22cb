"""`tinydigits read`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from errno import EBADF
from os import strerror
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinydigits.cli.console import note
from tinydigits.cli.exit_codes import FAILURE, NO_DIGIT
from tinydigits.cli.pixels import pixels_option, say_pixels
from tinydigits.errors import PictureError
from tinydigits.system.words import counted

if TYPE_CHECKING:
    from tinydigits.formats.keras_pixels import Pixels
    from tinydigits.reader import Reader, Reading

STDIN = "-"


@click.command()
@click.argument("images", nargs=-1, required=True, metavar="IMAGE... | FOLDER | -")
@click.option("--model", help="A shipped net, a run folder, a .keras, .h5 or .onnx; default the shipped `reader`.")
@click.option("--single", is_flag=True, help="Each picture is one digit, whatever it looks like.")
@click.option("--signs", is_flag=True, help="Keep signs among digits in the text: . , : - / ( ).")
@click.option(
    "--min-confidence", type=click.FloatRange(0, 1), default=0.0, metavar="P", help="Reject digits less sure than P."
)
@click.option("--annotate", type=click.Path(path_type=Path), help="Draw boxes and digits on the picture, to this PNG.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.parquet",
    help="Read on all cores, and write a row a picture to this file. An interrupted reading goes on where it was.",
)
@click.option("--ray", is_flag=True, help="With --out: read by Ray, on this machine; needs the extra [scale].")
@click.option("--address", metavar="HOST:PORT", help="With --out: read on the Ray cluster that is there.")
@pixels_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines on stdout, a line a picture.")
def read(
    images: tuple[str, ...],
    model: str | None,
    single: bool,
    signs: bool,
    min_confidence: float,
    annotate: Path | None,
    out: Path | None,
    ray: bool,
    address: str | None,
    pixels: Pixels | None,
    as_json: bool,
) -> None:
    """Read the digits in pictures; - is a picture on stdin.

    A FOLDER stands for all pictures in it, at any depth, and a pattern such as 'scans/*.png' for the files of that
    form. Exits with 3 when all pictures were read but none shows a digit, and with 1 when any could not be read.
    """
    from tinydigits.cli.progress import pictures_progress
    from tinydigits.data.picture_names import picture_names
    from tinydigits.formats.model_file import READER
    from tinydigits.reader import Reader

    if out is not None and (annotate is not None or STDIN in images):
        raise click.UsageError("--out reads files, and draws none: leave out --annotate and -.")
    if out is None and (ray or address):
        raise click.UsageError("--ray and --address go with --out.")
    names = picture_names(images)
    if annotate is not None and len(names) > 1:
        raise click.UsageError("--annotate draws one picture; give one IMAGE.")
    reader = Reader(model or READER, pixels=pixels)
    say_pixels(reader.model)
    options = {"single": single, "signs": signs, "min_confidence": min_confidence}
    failed = digits = 0
    if out is not None:
        found = read_all(names, out, (model or READER, pixels, options), ray=ray, address=address)
        print_counts(found, out, as_json)
        failed, digits = found["failed"], found["digits"]
        names = []
    for name in pictures_progress(names):
        try:
            reading = read_one(reader, name, annotate, **options)
        except PictureError as error:
            failed += 1
            print_error(name, error, as_json)
        else:
            digits += len(reading.digits)
            print_reading(name, reading, as_json=as_json, named=len(names) > 1)
    if failed or not digits:
        sys.exit(FAILURE if failed else NO_DIGIT)


def read_all(
    names: Sequence[str],
    out: Path,
    how: tuple[str, Pixels | None, dict[str, Any]],
    *,
    ray: bool,
    address: str | None,
) -> dict[str, int]:
    """Reads pictures in bulk; returns how many there are, how many failed, and how many digits."""
    from tinydigits.cli.progress import counting_progress
    from tinydigits.scale.bulk import Reading, ReadParts, by_crew, read_in_bulk

    with ExitStack() as stack:
        read: ReadParts = by_crew
        if ray or address:
            from tinydigits.scale import cluster, cluster_reading

            read = cluster_reading.by_ray(stack.enter_context(cluster.cluster(address)))
        advance = stack.enter_context(counting_progress("reading", len(names)))
        return read_in_bulk(names, out, Reading(*how), advance, read)


def print_counts(found: dict[str, int], out: Path, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"out": str(out), **found}))
        return
    failed = f", {found['failed']:,} of them not readable" if found["failed"] else ""
    click.echo(f"{counted(found['pictures'], 'picture')}{failed}, {counted(found['digits'], 'digit')}; in {out}")


def read_one(reader: Reader, name: str, annotate: Path | None, **options: Any) -> Reading:
    """Read one picture, and draw what was read where that is asked for."""
    from tinydigits.data import pictures

    data = bytes_on_stdin(pictures.MAX_BYTES + 1) if name == STDIN else pictures.bytes_of(Path(name))
    picture = pictures.decode(data, name)
    if picture.info.get(pictures.FRAMES, 1) > 1:
        note(f"{name}: only the first of {picture.info[pictures.FRAMES]} frames is read")
    reading = reader.read(picture, **options)
    if annotate is not None:
        from tinydigits.reader.drawing import annotated
        from tinydigits.system.atomic import new_file

        with new_file(annotate) as temporary:
            annotated(picture, reading).save(temporary, "PNG")
    return reading


def bytes_on_stdin(most: int) -> bytes:
    """What stdin holds, up to `most` bytes; raises PictureError where it was closed or cannot be read."""
    try:
        if sys.stdin is None:
            raise OSError(EBADF, strerror(EBADF))
        return sys.stdin.buffer.read(most)
    except OSError as error:
        found = f"a stream that cannot be read ({error.strerror})"
        raise PictureError(STDIN, found=found, expected="a picture on stdin") from error


def print_reading(name: str, reading: Reading, *, as_json: bool, named: bool) -> None:
    """One line of JSON, or the text; with the file's name where there are several."""
    if as_json:
        click.echo(json.dumps({"file": name, **reading.as_json()}))
    elif named:
        click.echo(f"{name}: {' / '.join(reading.text.splitlines()) or '(no digit)'}")
    elif reading.text:
        click.echo(reading.text)
    else:
        note(f"{name}: no digit found")


def print_error(name: str, error: PictureError, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"file": name, "error": str(error)}))
    else:
        click.echo(f"error: {error}", err=True)
