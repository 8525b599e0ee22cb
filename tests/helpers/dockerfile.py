"""A Dockerfile as instructions, and the rules that this one keeps."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

# A base image with a whole version, such as `python:3.11.14-slim`.
PINNED = re.compile(r"FROM [\w./-]+:\d+\.\d+\.\d+[\w.-]*( AS \w+)?")
# The id of a user that is not root, and of its group.
USER = re.compile(r"USER [1-9]\d{3,}:[1-9]\d{3,}")
SECRET = re.compile(r"(TOKEN|PASSWORD|SECRET|KEY)\w*[= ]", re.IGNORECASE)


def instructions(text: str) -> list[str]:
    """Returns the instructions, each on one line, without comments."""
    whole = re.sub(r"\\\n\s*", "", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return [line for line in whole.splitlines() if line.strip()]


def command_of(lines: list[str], instruction: str) -> list[str]:
    """Returns the program and arguments of the last such instruction; raises ValueError if a shell would run it."""
    line = [line for line in lines if line.startswith(instruction)][-1]
    return list(json.loads(line[line.index("[") :]))


def faults(text: str, folder: Path) -> Iterator[str]:
    """Yields what is wrong with a Dockerfile; `folder` is what it copies from."""
    lines = instructions(text)
    final = lines[max(place for place, line in enumerate(lines) if line.startswith("FROM")) :]
    yield from (f"not pinned: {line}" for line in lines if line.startswith("FROM") and not PINNED.fullmatch(line))
    users = [line for line in final if line.startswith("USER")]
    if not users or not USER.fullmatch(users[-1]):
        yield "root runs it"
    for name in ("HEALTHCHECK", "ENTRYPOINT"):
        if not any(line.startswith(name) and "[" in line for line in final):
            yield f"no {name} without a shell"
    yield from (f"ADD takes what nobody checked: {line}" for line in lines if line.startswith("ADD"))
    yield from (
        f"a secret stays in the image: {line}" for line in lines if line[:3] in ("ENV", "ARG") and SECRET.search(line)
    )
    for line in lines:
        if "pip install" in line and not ("--no-cache-dir" in line and "--constraint" in line):
            yield f"versions are not pinned: {line}"
        if line.startswith("COPY") and "--from" not in line:
            yield from (f"there is no {name}" for name in line.split()[1:-1] if not (folder / name).exists())
