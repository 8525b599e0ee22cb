"""`tinydigits`, and `python -m tinydigits`: the command line, with Ctrl-C honoured from the first moment.

A request to terminate ends it as tidily: nothing half-written stays.
"""

import signal
import sys
from typing import NoReturn

# Requests to end: `kill`, and a terminal that was closed. Windows has no SIGHUP.
REQUESTS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def main() -> NoReturn:
    """Run the command line and exit."""
    for request in REQUESTS:
        if signal.getsignal(request) is not signal.SIG_IGN:  # `nohup` ignores SIGHUP
            signal.signal(request, lambda number, _: sys.exit(128 + number))  # as shells report it
    try:
        from tinydigits.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
