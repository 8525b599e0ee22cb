"""`tinydigits serve`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

# Names of the modules of the extra, as Python imports them.
EXTRA = ("starlette", "uvicorn", "httptools", "orjson", "python_multipart", "prometheus_client")


@click.command()
@click.option("--model", help="A shipped net, a run folder, a .keras, .h5 or .onnx; default the shipped `reader`.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any that is free.")
@click.option(
    "--token",
    envvar="TINYDIGITS_TOKEN",
    help="Clients must show this, as `Authorization: Bearer TOKEN`; better given as TINYDIGITS_TOKEN.",
)
@click.option(
    "--runs",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    help="The folder whose run folders are shown, and into which runs are trained; default the working directory.",
)
@click.option("--no-auth", is_flag=True, help="Answer everyone who can reach the address.")
def serve(model: str | None, host: str, port: int, token: str | None, runs: Path, no_auth: bool) -> None:
    """Serve digits over HTTP: a page to draw on, an API for programs, and the Open Inference Protocol v2.

    Prints the address on stdout, and a log of JSON Lines on stderr. Only this machine reaches 127.0.0.1; any other
    --host wants --token or --no-auth. SIGTERM or Ctrl-C lets the requests under way be answered, then exits with 0.
    """
    check_extra()
    from tinydigits.formats.model_file import READER
    from tinydigits.serve.listening import bound, is_loopback, url_of
    from tinydigits.serve.server import serve as run
    from tinydigits.serve.settings import Settings

    check_token(token, no_auth)
    loopback = is_loopback(host)
    if not loopback and token is None and not no_auth:
        raise click.UsageError(f"Others can reach {host}. Give --token, or --no-auth to answer everyone.")
    settings = Settings(model or READER, host, port, token, loopback, runs)
    listening = bound(host, port)
    click.echo(url_of(listening))
    run(settings, listening, sys.stderr)


def check_token(token: str | None, no_auth: bool) -> None:
    """Raises UsageError for a token that no client can show, or one that nobody is asked for."""
    if token is None:
        return
    if no_auth:
        raise click.UsageError("--token and --no-auth exclude one another.")
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise click.UsageError("--token takes printable ASCII characters without spaces.")


def check_extra() -> None:
    """Raises MissingDependencyError if a part of the extra is not installed."""
    from importlib.util import find_spec

    from tinydigits.errors import MissingDependencyError

    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            "tinydigits serve",
            found=f"no {', '.join(missing)}",
            expected="the extra `serve`",
            fix="Run: pip install 'tinydigits[serve]' (in a checkout: '.[serve]')",
        )
