"""Reading in bulk: the same as one by one, and what is lost of it by faults: nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import bulk_out
import numpy as np
import pyarrow.parquet as parquet
import pytest
from PIL import Image

from tinydigits.errors import OutputError, PictureError
from tinydigits.reader import Reader
from tinydigits.scale import bulk
from tinydigits.scale.bulk import Reading, read_in_bulk
from tinydigits.system import crew

LIMIT = 120
# Small nets read quickly.
HOW = Reading("pocket-1k")


@pytest.fixture
def pictures(few_digits, tmp_path):
    """Names of 12 thumbnails and of 2 files that are no pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(12):
        Image.fromarray(255 - few_digits.images[number]).save(folder / f"{number:02}.png")
    (folder / "05.png").write_bytes(b"no picture")
    return [*(str(folder / f"{number:02}.png") for number in range(12)), str(folder / "gone.png")]


@pytest.fixture
def workers(monkeypatch):
    """Two processes, whatever the machine; the list of all that were started."""
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(bulk, "available_cores", lambda: 2)
    monkeypatch.setattr(crew.subprocess, "Popen", Watched)
    yield started
    assert all(process.poll() is not None for process in started), "a process outlived its reading"


def rows(path):
    with parquet.ParquetFile(path) as file:
        return file.read().to_pylist()


def one_by_one(names):
    reader = Reader("pocket-1k")
    for name in names:
        try:
            yield {"file": name, **reader.read(name).as_json()}
        except PictureError as error:
            yield {"file": name, "error": str(error)}


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def test_rows_are_what_is_read_one_by_one_in_the_same_order(pictures, workers, tmp_path):
    out = tmp_path / "out.parquet"
    told = []
    counts = read_in_bulk(pictures, out, HOW, told.append)
    expected = list(one_by_one(pictures))
    assert [without_nulls(row) for row in rows(out)] == expected
    assert counts == {"pictures": 13, "failed": 2, "digits": sum(len(row.get("digits", ())) for row in expected)}
    assert sum(told) == 13
    assert len(workers) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.parquet", "pictures"]


def test_readings_that_are_finished_are_not_read_again_and_others_are_not_overwritten(pictures, workers, tmp_path):
    out = tmp_path / "out.parquet"
    first = read_in_bulk(pictures, out, HOW)
    started = len(workers)
    assert read_in_bulk(pictures, out, HOW) == first
    assert len(workers) == started
    for other in (
        lambda: read_in_bulk(pictures[1:], out, HOW),
        lambda: read_in_bulk(pictures, out, Reading("pocket-1k", options={"single": True})),
        lambda: read_in_bulk(pictures, tmp_path / "pictures", HOW),
    ):
        with pytest.raises(OutputError, match="which is not this reading of these pictures"):
            other()
    os.utime(pictures[0], (1, 1))
    with pytest.raises(OutputError, match="which is not this reading of these pictures"):
        read_in_bulk(pictures, out, HOW)


def test_a_killed_worker_is_replaced_and_a_picture_that_kills_two_is_a_row(pictures, workers, tmp_path, monkeypatch):
    script = tmp_path / "deadly.py"
    script.write_text(
        "import os\n"
        "from tinydigits.scale import reading_worker as worker\n"
        "read = worker.read_picture\n"
        "def deadly(path):\n"
        "    if path.name == '03.png':\n"
        "        os.kill(os.getpid(), 9)\n"
        "    if path.name == '08.png' and not os.path.exists('died'):\n"
        "        open('died', 'w').close()\n"
        "        os.kill(os.getpid(), 9)\n"
        "    return read(path)\n"
        "worker.read_picture = deadly\n"
        "worker.work(worker.carry_out)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bulk, "WORKER", (str(script),))
    monkeypatch.setattr(bulk, "PARTS", 3)
    assert read_in_bulk(pictures, tmp_path / "out.parquet", HOW)["failed"] == 3
    found = rows(tmp_path / "out.parquet")
    expected = list(one_by_one(pictures))
    assert "ended the process which read it by signal 9 (SIGKILL), twice" in found[3]["error"]
    assert [without_nulls(row) for row in found[:3] + found[4:]] == expected[:3] + expected[4:]
    assert len(workers) == 5


BULK = """
import sys, time
from tinydigits.scale import bulk, reading_worker
from tinydigits.__main__ import main
bulk.available_cores = lambda: 2
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_an_interrupted_reading_goes_on_and_ends_the_same(few_digits, tmp_path, number, code):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index in range(200):
        Image.fromarray(255 - few_digits.images[index]).save(folder / f"{index:03}.png")
    arguments = ["read", "pictures", "--model", "pocket-1k", "--out", "out.parquet"]
    command = [sys.executable, "-c", BULK, *arguments]
    first = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + LIMIT
    parts = tmp_path / "out.parquet.parts"
    while len(list(parts.glob("*.parquet"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.005)
    first.send_signal(number)
    assert first.wait(LIMIT) == code
    assert not (tmp_path / "out.parquet").exists()
    kept = {path.name: path.stat().st_mtime_ns for path in parts.glob("*.parquet")}
    assert len(kept) >= 5
    stolen = tmp_path / "stolen"
    shutil.copytree(parts, stolen)
    assert all(rows(path) for path in stolen.glob("*.parquet"))  # none is half-written
    subprocess.run(command, cwd=tmp_path, check=True, timeout=LIMIT, stdout=subprocess.DEVNULL)
    alone = tmp_path / "alone.parquet"
    names = sorted(f"pictures/{path.name}" for path in folder.iterdir())
    subprocess.run([*command[:-1], str(alone)], cwd=tmp_path, check=True, timeout=LIMIT, stdout=subprocess.DEVNULL)
    assert rows(tmp_path / "out.parquet") == rows(alone)
    assert [row["file"] for row in rows(alone)] == names
    assert not parts.exists()


def test_parts_that_are_finished_are_not_read_again(pictures, workers, tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "join", lambda parts, out, key: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        read_in_bulk(pictures, tmp_path / "out.parquet", HOW)
    monkeypatch.undo()
    os.utime(pictures[2], (1, 1))  # as if it had changed
    begun = []
    begin = crew.Crew.begin
    monkeypatch.setattr(crew.Crew, "begin", lambda self, part, order: begun.append(part) or begin(self, part, order))
    assert read_in_bulk(pictures, tmp_path / "out.parquet", HOW)["pictures"] == 13
    assert [list(part.names) for part in begun] == [[pictures[2]]]


def test_a_name_that_is_no_utf_8_is_written_all_the_same(few_digits, tmp_path, workers):
    name = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xff.png")
    Image.fromarray(few_digits.images[0]).save(name)
    read_in_bulk([name], tmp_path / "out.parquet", HOW)
    (row,) = rows(tmp_path / "out.parquet")
    assert row["file"] == str(tmp_path) + "/\\udcff.png"
    assert row["error"] is None


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(PictureError, match="found none"):
        read_in_bulk([], tmp_path / "out.parquet", HOW)


def test_the_command_tells_how_many_were_read(command, pictures, workers, tmp_path):
    folder, out = Path(pictures[0]).parent, tmp_path / "out.parquet"
    outcome = command("read", folder, "--model", "pocket-1k", "--out", out)
    assert (outcome.code, outcome.stderr) == (1, "")
    assert outcome.stdout.startswith("12 pictures, 1 of them not readable, ")
    assert outcome.stdout.endswith(f" digits; in {out}\n")
    told = json.loads(command("read", folder, "--model", "pocket-1k", "--out", out, "--json").stdout)
    assert (told["pictures"], told["failed"], told["out"]) == (12, 1, str(out))


def test_pictures_without_digits_are_told_by_the_exit_code(command, workers, empty_folder):
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save("blank.png")
    assert command("read", "blank.png", "--out", "out.parquet").code == 3


@pytest.mark.parametrize(
    "arguments", [("-", "--out", "x.parquet"), ("a.png", "--out", "x.parquet", "--annotate", "y.png")]
)
def test_what_cannot_be_done_in_bulk_is_refused(command, empty_folder, arguments):
    outcome = command("read", *arguments)
    assert outcome.code == 2
    assert "--out reads files, and draws none" in outcome.stderr


def test_a_folder_can_be_read_without_a_file_too(command, pictures):
    lines = command("read", Path(pictures[0]).parent, "--model", "pocket-1k", "--json").stdout.splitlines()
    assert [json.loads(line)["file"] for line in lines] == pictures[:-1]


@pytest.mark.long
def test_memory_is_flat_over_a_hundred_thousand_pictures(tmp_path):
    bulk_out.write_files(tmp_path, 100_000, "digits")
    _, few_own, few_worker, _ = bulk_out.reading(tmp_path, "few", 2)
    _, own, worker, printed = bulk_out.reading(tmp_path, "many", 2)
    assert printed.startswith("100,000 pictures, 1,000 of them not readable, 99,000 digits")
    assert worker < 1.1 * few_worker
    assert own - few_own < 0.0015 * 99_000  # MB: names, sizes and times of change
