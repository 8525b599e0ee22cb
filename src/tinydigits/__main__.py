"""`tinydigits`, and `python -m tinydigits`: the command line, with Ctrl-C honoured from the first moment.

A request to terminate ends it as tidily: nothing half-written stays.
"""

import signal
import sys
from typing import NoReturn

# As shells report a process that was asked to end.
TERMINATED = 128 + signal.SIGTERM


def main() -> NoReturn:
    """Run the command line and exit."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        from tinydigits.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.exit(130)  # as `cli/exit_codes.py` says, which the interruption may have kept from being imported


if __name__ == "__main__":
    main()
