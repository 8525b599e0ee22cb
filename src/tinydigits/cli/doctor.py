"""`tinydigits doctor`."""

import click

from tinydigits.cli.console import as_json as json_option
from tinydigits.cli.console import print_json


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Tell what is installed, what is missing, and what to do about it."""
    from dataclasses import asdict

    from tinydigits.training.doctor import examine

    findings = examine()
    if as_json:
        print_json([asdict(finding) for finding in findings])
        return
    for finding in findings:
        mark = "ok" if finding.ok else "--"
        click.echo(f"{mark}  {finding.subject:<20} {finding.found}")
        if finding.advice:
            click.echo(f"    {'':<20} {finding.advice}")
