"""The container is built nowhere here: its file keeps rules, and its steps are run without it."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from helpers.dockerfile import command_of, faults, instructions
from helpers.served import running, without_reading_processes
from tinydigits.serve.settings import Settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "Dockerfile").read_text()


def test_the_dockerfile_keeps_the_rules():
    assert [*faults(TEXT, ROOT)] == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("python:3.11.14-slim-bookworm\n", "python:latest\n", "not pinned"),
        ("USER 10001:10001\n", "USER root\n", "root runs it"),
        ("USER 10001:10001\n", "", "root runs it"),
        ('CMD ["python"', 'CMD python"', "no HEALTHCHECK"),
        ("COPY src src", "ADD src src", "ADD"),
        ("ENV PATH=", "ENV TINYDIGITS_TOKEN=x PATH=", "secret"),
        ("--constraint constraints.txt ", "", "versions"),
        ("COPY src src", "COPY source src", "there is no source"),
    ],
)
def test_a_dockerfile_that_breaks_a_rule_is_found(right, wrong, fault):
    assert right in TEXT
    assert any(fault in found for found in faults(TEXT.replace(right, wrong), ROOT))


def test_what_the_image_copies_is_not_left_out():
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [
        name
        for line in instructions(TEXT)
        if line.startswith("COPY") and "--from" not in line
        for name in line.split()[1:-1]
    ]
    assert sorted(kept) == sorted(copied)


def healthy(port: int) -> bool:
    _, *arguments = command_of(instructions(TEXT), "HEALTHCHECK")
    arguments = [each.replace(":8000/", f":{port}/") for each in arguments]
    return subprocess.run([sys.executable, *arguments], capture_output=True, timeout=60, check=False).returncode == 0


def test_the_health_check_tells_a_server_that_takes_requests(monkeypatch):
    without_reading_processes(monkeypatch)
    with running(Settings(token="secret")) as served:
        assert healthy(served.port)
        served.server.app.health.draining = True
        assert not healthy(served.port)


def test_the_entry_point_is_a_command_that_wants_a_token():
    program, *arguments = command_of(instructions(TEXT), "ENTRYPOINT")
    assert program == "tinydigits"
    command = (sys.executable, "-m", program, *arguments)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Give --token, or --no-auth" in done.stderr


@pytest.mark.long
def test_what_the_image_copies_is_enough_to_install_and_to_serve(tmp_path):
    """The step `pip install`, with the packages that are here."""
    for line in instructions(TEXT):
        if line.startswith("COPY") and "--from" not in line:
            for name in line.split()[1:-1]:
                copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
                copy(ROOT / name, tmp_path / name)
    venv.create(tmp_path / "venv", with_pip=True, system_site_packages=False)
    python = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv" / "lib").iterdir()) / "site-packages" / "here.pth"
    site.write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--force-reinstall")
    subprocess.run([python, "-m", "pip", "install", *options, str(tmp_path)], check=True, timeout=300)
    done = subprocess.run(
        [python, "-c", "import tinydigits.serve.server; print(tinydigits.__file__)"],
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        timeout=120,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path / "venv"))
