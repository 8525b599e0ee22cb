"""Write the generated parts of the documentation: `docs/commands.md`, from the command line's own help."""

from collections.abc import Iterator
from pathlib import Path

import click

from tinydigits.cli import tinydigits

COMMANDS = Path(__file__).with_name("commands.md")
WIDTH = 100


def commands_page() -> str:
    """The help of `tinydigits` and of each of its commands, as Markdown."""
    sections = [f"## {title}\n\n```\n{text}\n```\n" for title, text in helps()]
    return "\n".join(["# The command line\n\n`make docs` writes this page from the program's own help.\n", *sections])


def helps() -> Iterator[tuple[str, str]]:
    """(title, help text) of the group, then of each command."""
    root = click.Context(tinydigits, info_name="tinydigits", max_content_width=WIDTH, terminal_width=WIDTH)
    yield "tinydigits", tinydigits.get_help(root)
    for name, command in sorted(tinydigits.commands.items()):
        context = click.Context(command, info_name=name, parent=root, max_content_width=WIDTH, terminal_width=WIDTH)
        yield f"tinydigits {name}", command.get_help(context)


if __name__ == "__main__":
    COMMANDS.write_text(commands_page(), encoding="utf-8")
