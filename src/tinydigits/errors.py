"""Every error that tinydigits raises on purpose, as one tree.

    TinydigitsError
    ├── DataError                  a data set that cannot be used
    │   ├── FileFormatError        wrong magic, truncated, not the format it claims
    │   ├── LabelError             a label outside the classes
    │   ├── ImageShapeError        images of another size than needed, or of several sizes
    │   ├── EmptyDataError         nothing in it
    │   ├── UnequalCountsError     as many images as labels there are not
    │   └── IntegrityError         bytes that differ from their recorded SHA-256
    ├── PictureError               a picture that cannot be decoded or read, or is over a cap
    │   └── NoInkError             nothing in it differs from its ground
    ├── ModelError                 a model that cannot be found, read or understood
    │   ├── UnsupportedLayerError  a layer or option that `Network` does not describe
    │   └── UnsafeModelError       a model file that asks for more than weights and known operators
    ├── RecipeError                a recipe or setting that cannot be trained
    ├── TrainingError              a training that failed
    │   ├── NonFiniteError         a loss or weight that is not a finite number any more
    │   ├── CheckpointError        a checkpoint that is damaged, or of another training
    │   └── WorkerDiedError        a process of a pool that was killed
    ├── EngineError                the native engine cannot do this; Keras itself can
    │   ├── UnsupportedError       a layer, option or callback that it does not know
    │   ├── CompilerError          no C compiler, or one that failed
    │   └── DisagreementError      its answers differ from Keras'
    ├── BrowserError               a browser that ended without the answers of an exported page
    ├── AddressError               an address that a server cannot listen at
    ├── OutputError                a place that cannot be written, or holds something already
    └── MissingDependencyError     an optional part that is not installed

The command line prints the message of any of them and exits with 1.
"""

__all__ = [
    "AddressError",
    "BrowserError",
    "CheckpointError",
    "CompilerError",
    "DataError",
    "DisagreementError",
    "EmptyDataError",
    "EngineError",
    "FileFormatError",
    "ImageShapeError",
    "IntegrityError",
    "LabelError",
    "MissingDependencyError",
    "ModelError",
    "NoInkError",
    "NonFiniteError",
    "OutputError",
    "PictureError",
    "RecipeError",
    "TinydigitsError",
    "TrainingError",
    "UnequalCountsError",
    "UnsafeModelError",
    "UnsupportedError",
    "UnsupportedLayerError",
    "WorkerDiedError",
]


class TinydigitsError(Exception):
    """An error whose message says what was received, what was expected and what to do.

    Args:
        subject: the file, argument or thing at fault, as its user knows it.
        found: what was received.
        expected: what would have been right.
        fix: what to do about it, as a whole sentence; empty if `expected` says it all.
    """

    def __init__(self, subject: object, *, found: str, expected: str, fix: str = "") -> None:
        super().__init__(f"{subject}: found {found}; expected {expected}. {fix}".rstrip())
        self.subject = str(subject)
        self.found = found
        self.expected = expected
        self.fix = fix


class DataError(TinydigitsError):
    """A data set cannot be used."""


class FileFormatError(DataError):
    """A file is truncated, or is not of the format that it claims to be."""


class LabelError(DataError):
    """A label is not one of the classes."""


class ImageShapeError(DataError):
    """Images have another size than needed, or differ in size among themselves."""


class EmptyDataError(DataError):
    """A file or folder holds no images."""


class UnequalCountsError(DataError):
    """There are not as many images as labels."""


class IntegrityError(DataError):
    """Bytes differ from the SHA-256 recorded for them."""


class PictureError(TinydigitsError):
    """A picture cannot be decoded or read, or is over a cap."""


class NoInkError(PictureError):
    """Nothing in a picture differs from its ground."""


class ModelError(TinydigitsError):
    """A model cannot be found, read or understood."""


class UnsupportedLayerError(ModelError):
    """A layer or one of its options is outside what `Network` describes."""


class UnsafeModelError(ModelError):
    """A model file asks for more than weights and the operators that tinydigits writes."""


class RecipeError(TinydigitsError):
    """A recipe, or one of its settings, cannot be trained."""


class TrainingError(TinydigitsError):
    """A training failed."""


class NonFiniteError(TrainingError):
    """A loss or weight is not a finite number any more; the model keeps the last finite weights."""


class CheckpointError(TrainingError):
    """A checkpoint is damaged, or belongs to another training."""


class WorkerDiedError(TrainingError):
    """A process that trained for us was killed, or ended by itself."""


class EngineError(TinydigitsError):
    """The native engine cannot train this; Keras itself can."""


class UnsupportedError(EngineError):
    """A layer, option, callback or kind of data is outside what the native engine knows."""


class CompilerError(EngineError):
    """There is no C compiler, or it failed; the message holds all that it wrote."""


class DisagreementError(EngineError):
    """On one batch, the native engine and Keras came to different numbers."""


class BrowserError(TinydigitsError):
    """A browser ended without the answers of an exported page."""


class AddressError(TinydigitsError):
    """A server cannot listen at an address."""


class OutputError(TinydigitsError):
    """A file or folder cannot be written, or exists and was not to be overwritten."""


class MissingDependencyError(TinydigitsError):
    """An optional part of tinydigits is not installed."""


def first_line(error: BaseException) -> str:
    """The beginning of a message, which may hold a model's whole configuration."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
