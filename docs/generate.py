"""Write the generated parts of the documentation: `docs/commands.md`, from the command line's own help."""

from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

from tinydigits.cli import tinydigits

COMMANDS = Path(__file__).with_name("commands.md")
WIDTH = 100


def commands_page() -> str:
    """The help of `tinydigits` and of each of its commands, as Markdown."""
    sections = [f"## {title}\n\n```\n{text}\n```\n" for title, text in helps()]
    return "\n".join(["# The command line\n\n`make docs` writes this page from the program's own help.\n", *sections])


def helps() -> Iterator[tuple[str, str]]:
    """(title, help text) of the group, then of each command."""
    for command in ((), *((name,) for name in sorted(tinydigits.commands))):
        shown = CliRunner().invoke(tinydigits, [*command, "--help"], prog_name="tinydigits", terminal_width=WIDTH)
        yield " ".join(("tinydigits", *command)), shown.output.rstrip()


if __name__ == "__main__":
    COMMANDS.write_text(commands_page(), encoding="utf-8")
