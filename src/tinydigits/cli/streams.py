"""stdout and stderr, where a terminal or file cannot hold all the characters that are printed."""

import codecs
import io
import os
import sys

# What stands for a character that an encoding such as latin-1 or ASCII lacks; a question mark for any other.
PLAIN = {
    **{"–": "-", "—": "-", "−": "-", "±": "+/-", "×": "x", "≤": "<=", "≥": ">=", "→": "->", "…": "..."},
    **{"²": "^2", "³": "^3", "µ": "u", "’": "'", "█": "#"},
}


def replace_closed_ones() -> None:
    """Put a file that takes everything in the place of streams that were closed before we began; reading it fails.

    The next file to be opened would else get a closed stream's number, and hold what libraries print.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY)  # gets the lowest free number
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), mode, encoding="utf-8"))


def write_what_the_terminal_can() -> None:
    """Let stdout and stderr write a plain character in place of each that their encoding lacks."""
    codecs.register_error("tinydigits.plain", plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="tinydigits.plain")


def plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    """A handler for `codecs`: the text that is written, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(PLAIN.get(each, "?") for each in missing), error.end
