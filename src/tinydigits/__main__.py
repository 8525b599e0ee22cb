"""`tinydigits`, and `python -m tinydigits`: the command line, with Ctrl-C honoured from the first moment."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        from tinydigits.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
