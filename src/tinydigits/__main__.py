"""`tinydigits`, and `python -m tinydigits`: the command line, with Ctrl-C honoured from the first moment.

SIGTERM (exit code 143) and SIGHUP (129), which a closing terminal sends, end it as tidily: nothing half-written stays.
"""

import sys
from typing import NoReturn

from tinydigits.system.interruption import exit_when_told


def main() -> NoReturn:
    """Run the command line and exit."""
    exit_when_told()
    try:
        from tinydigits.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.exit(130)  # as `cli/exit_codes.py` says, which the interruption may have kept from being imported


if __name__ == "__main__":
    main()
