"""Notes: what a user should know although everything goes on.

In Python a note is a warning, so that it can be filtered; the command line prints it as a line that begins `note:`.
"""

from __future__ import annotations

import sys
import warnings
from functools import partial
from typing import Any


class Note(UserWarning):
    """A warning that the command line prints without the place in the code where it comes from."""


def note(message: str) -> None:
    """Tell the user something; the same message once a process."""
    warnings.warn(message, Note, stacklevel=3)


def print_notes_as_lines() -> None:
    """From now on, print notes to stderr as single lines; other warnings stay as they are."""
    if getattr(warnings.showwarning, "func", None) is not show:
        warnings.showwarning = partial(show, warnings.showwarning)


def show(otherwise: Any, message: Warning | str, category: type[Warning], *place: Any, **details: Any) -> None:
    """Print a note; show any other warning by `otherwise`."""
    if not issubclass(category, Note):
        otherwise(message, category, *place, **details)
    elif sys.stderr is not None:
        print(f"note: {message}", file=sys.stderr)
