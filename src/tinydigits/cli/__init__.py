"""The command line: click commands that only translate between a terminal and the package.

Data goes to stdout, progress and warnings to stderr. `exit_codes.py` lists the exit codes.
Commands import what they need when they run, so that `--help` stays quick.
"""

import os
import sys
from typing import NoReturn

import click

from tinydigits import __version__
from tinydigits.cli.calibrate import calibrate
from tinydigits.cli.compare import compare
from tinydigits.cli.data import data
from tinydigits.cli.doctor import doctor
from tinydigits.cli.evaluate import evaluate
from tinydigits.cli.exit_codes import FAILURE, INTERRUPTED, USAGE
from tinydigits.cli.explain import explain
from tinydigits.cli.export import export
from tinydigits.cli.models import models
from tinydigits.cli.read import read
from tinydigits.cli.serve import serve
from tinydigits.cli.streams import replace_closed_ones, write_what_the_terminal_can
from tinydigits.cli.sweep import sweep
from tinydigits.cli.train import train
from tinydigits.errors import TinydigitsError
from tinydigits.system.notes import print_notes_as_lines


class Commands(click.Group):
    """The commands. Where whoever read our output left, as `head` does, they end with 0: click itself would with 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            abandon_stdout()
            sys.exit(0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tinydigits")
def tinydigits() -> None:
    """Handwritten-digit recognisers of under 10,000 parameters: train, judge and use them."""


for command in (train, evaluate, compare, sweep, calibrate, read, explain, export, serve, models, data, doctor):
    tinydigits.add_command(command)


def main() -> NoReturn:
    """Run the command line and exit; errors of ours become one message, never a traceback."""
    replace_closed_ones()
    print_notes_as_lines()
    write_what_the_terminal_can()
    try:
        tinydigits.main(prog_name="tinydigits", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE if isinstance(error, click.UsageError) else FAILURE)
    except TinydigitsError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(FAILURE)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the last lines were still to be written
        abandon_stdout()
        sys.exit(0)
    except OSError as error:
        click.echo(f"error: {error.filename or 'the output'}: {error.strerror}", err=True)
        if error.filename is None:
            abandon_stdout()
        sys.exit(FAILURE)
    sys.exit(0)


def abandon_stdout() -> None:
    """Keep Python from complaining when it flushes, at exit, what can no longer be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
