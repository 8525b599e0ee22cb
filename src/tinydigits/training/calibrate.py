"""`calibrate`: fit temperature and not-a-digit score to a model file, so that it refuses what is no digit.

`train` does the same in a second, on part of the digits; here up to 20,000 of them are used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinydigits.arrays import Float32Array, Predict, UInt8Images
from tinydigits.data.dataset import CLASSES, Splits, mnist
from tinydigits.errors import DataError, ModelError, OutputError
from tinydigits.evaluation.pixels import pixels_note
from tinydigits.formats import model_file, run_folder
from tinydigits.formats.keras_pixels import Pixels, check_pixels, other_pixels
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.formats.onnx.session import onnx_predict
from tinydigits.network.network import Network
from tinydigits.system.atomic import new_file
from tinydigits.system.interruption import deferred_interruptions, obey_interruptions

if TYPE_CHECKING:
    from tinydigits.reader.calibration import Calibration


__all__ = ["Calibrated", "calibrate"]

REPLACE = "Choose another name with --out (out=), or pass --overwrite (overwrite=True) to replace it."
NOT_CALIBRATED = "The net is not calibrated, so nothing is refused as no digit."
WITHOUT_ONNX = "No model.onnx describes this net, and a .keras has no place for a calibration."


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A file that `calibrate` wrote.

    Attributes:
        metadata: what the file says of its net.
        notes: what its user should know, a sentence each.
    """

    path: Path
    metadata: onnx_file.Metadata
    notes: tuple[str, ...] = ()


@deferred_interruptions()
def calibrate(
    model: str,
    *,
    splits: Splits | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    pixels: Pixels | None = None,
) -> Calibrated:
    """Fit temperature and not-a-digit score to a net, and write its `.onnx` with both.

    Temperature and threshold come from validation images, means and covariance from training images.

    Args:
        model: a run folder, an .onnx, a .keras, or the name of a shipped net.
        splits: MNIST where None. Its test images are not used.
        out: the .onnx to write. Where None, it is the model's own .onnx, or NAME.onnx beside a NAME.keras.
        overwrite: replace a file. An .onnx without calibration gets one in place without this: it loses nothing.
        pixels: the range of the pixels that the net takes, in place of what its file or its first layers say.

    Raises:
        ModelError: there is no such net, its file cannot be used, it does not read ten digits, or it is a .keras with
            a layer that an .onnx of ours does not describe.
        ImageShapeError: the images are not 28×28 pixels.
        DataError: there are too few digits.
        OutputError: the file exists already, or cannot be written.
    """
    if pixels is not None:
        check_pixels(pixels)
    source = None if model in model_file.SHIPPED else model_file.file_of(model)
    target = Path(out) if out else default_target(model, source)
    if not overwrite:
        refuse_taken(target, source if out is None else None)
    network, metadata, sure = model_file.described(model, pixels)
    obey_interruptions()
    data = splits or mnist()
    predict = onnx_predict(network, metadata.name, metadata.pixels)
    fitted = with_calibration(metadata, calibration_of(interruptible(predict), network, data))
    otherwise = onnx_predict(network, metadata.name, other_pixels(metadata.pixels))
    note = None if sure else pixels_note(metadata.name, metadata.pixels, predict, otherwise, data.validation)
    write(target, network, fitted)
    return Calibrated(target, fitted, (note,) if note else ())


def interruptible(predict: Predict) -> Predict:
    """`predict` that obeys Ctrl-C first."""

    def predict_unless_told(images: UInt8Images) -> Float32Array:
        obey_interruptions()
        return predict(images)

    return predict_unless_told


def default_target(model: str, source: Path | None) -> Path:
    """The file to write where none is named."""
    if source is None:
        return Path(f"{model}.onnx")
    return source.parent / run_folder.ONNX_MODEL if Path(model).is_dir() else source.with_suffix(".onnx")


def refuse_taken(target: Path, own: Path | None) -> None:
    """Raise OutputError if something would be lost: a file other than `own`, or the calibration in that one."""
    if not target.exists():
        return
    if own is None or not target.samefile(own):
        raise OutputError(
            target,
            found="something of that name",
            expected="a name that is free",
            fix=REPLACE,
        )
    if onnx_file.read(target)[1].rejection is not None:
        raise OutputError(target, found="a net that is calibrated", expected="one that is not", fix=REPLACE)


def write(target: Path, network: Network, metadata: onnx_file.Metadata) -> None:
    data = onnx_file.to_bytes(network, metadata)
    with new_file(target) as temporary:
        temporary.write_bytes(data)


def with_calibration(metadata: onnx_file.Metadata, calibration: Calibration | None) -> onnx_file.Metadata:
    """The same metadata with what was fitted, if anything was."""
    if calibration is None:
        return metadata
    return replace(metadata, temperature=calibration.temperature, rejection=calibration.not_a_digit.as_json())


def calibration_of(predict: Predict, network: Network, splits: Splits, most: int | None = None) -> Calibration:
    """Fit on training and validation images; errors as `calibrate`.

    Args:
        predict: runs `network`.
        most: number of digits that the score is fitted to; None takes as many as for the shipped nets.
    """
    from tinydigits.reader import calibration

    if network.classes != CLASSES:
        raise ModelError(
            "the net",
            found=f"{network.classes} classes",
            expected=f"{CLASSES}, one a digit",
            fix="Train one for all ten digits.",
        )
    return calibration.calibration_of(predict, splits.train, splits.validation, most or calibration.MOST_VARIED)


def calibration_or_note(
    predict: Predict, network: Network | None, splits: Splits
) -> tuple[Calibration | None, str | None]:
    """What `train` fits, on few digits; or None with a note that says why not."""
    from tinydigits.reader.calibration import FEW_VARIED

    if network is None:
        return None, f"{NOT_CALIBRATED} {WITHOUT_ONNX}"
    try:
        return calibration_of(interruptible(predict), network, splits, FEW_VARIED), None
    except (DataError, ModelError) as reason:
        return None, f"{NOT_CALIBRATED} {reason}"
