import io
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PHOTO = Path(__file__).parents[1] / "reader" / "photos" / "rctruta_7.png"


@pytest.fixture
def blank(empty_folder):
    Image.new("L", (200, 100), 255).save("blank.png")
    return "blank.png"


def test_the_digits_are_printed(command):
    outcome = command("read", PHOTO)
    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "7\n", "")


def test_json_is_a_line_a_picture_with_boxes_and_confidence(command, blank):
    outcome = command("read", PHOTO, blank, "--json")
    first, second = map(json.loads, outcome.stdout.splitlines())
    assert list(first) == ["file", "text", "digits", "rejected", "doubtful"]
    assert list(first["digits"][0]) == ["digit", "confidence", "box"]
    assert (first["file"], first["text"], first["digits"][0]["digit"]) == (str(PHOTO), "7", 7)
    assert second == {"file": blank, "text": "", "digits": [], "rejected": [], "doubtful": False}
    assert (outcome.code, outcome.stderr) == (0, "")


def test_no_digit_found_has_an_exit_code_of_its_own(command, blank):
    outcome = command("read", blank)
    assert (outcome.code, outcome.stdout) == (3, "")
    assert "no digit found" in outcome.stderr


def test_doubt_is_turned_away(command):
    assert command("read", PHOTO, "--min-confidence", "0").code == 0
    outcome = command("read", PHOTO, "--min-confidence", "1", "--json")
    assert outcome.code == 3
    assert list(json.loads(outcome.stdout)["rejected"][0]) == ["box", "score", "reason"]


def test_one_bad_file_never_stops_the_rest(command, empty_folder):
    Path("text.png").write_text("hello")
    outcome = command("read", "text.png", "missing.png", empty_folder, PHOTO, "--json")
    lines = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [list(line) for line in lines[:3]] == [["file", "error"]] * 3
    assert lines[3]["text"] == "7"
    assert outcome.code == 1
    assert command("read", "text.png", PHOTO).stdout == f"{PHOTO}: 7\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_memory_does_not_grow_with_the_number_of_blank_files(empty_folder):
    from bulk import largest_resident_set

    Image.new("L", (1000, 1000), 255).save("blank.png")
    names = [f"{number}.png" for number in range(30)]
    for name in names:
        Path(name).hardlink_to("blank.png")
    few, _ = largest_resident_set(empty_folder, names[:5], "cnn")
    many, lines = largest_resident_set(empty_folder, names, "cnn")
    assert [line["file"] for line in lines] == names
    assert many - few < 15  # 25 pictures of a megapixel, kept as they are read, would be 25 MB


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_memory_does_not_grow_with_the_number_of_files(empty_folder):
    from bulk import largest_resident_set, write_files

    names = write_files(empty_folder, 200)
    few, _ = largest_resident_set(empty_folder, names[:20], "cnn")
    many, lines = largest_resident_set(empty_folder, names, "cnn")
    assert [line["file"] for line in lines] == names
    assert sum("error" in line for line in lines) == 2
    assert many - few < 20  # 180 pictures of 240 × 240 pixels, kept as they are read, would be 31 MB


def test_a_bar_is_drawn_on_a_terminal_alone(command, blank, monkeypatch):
    assert command("read", blank, blank, "--json").stderr == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert "reading" in command("read", blank, blank, "--json").stderr


def test_a_dash_reads_from_stdin(command, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PHOTO.read_bytes())))
    assert command("read", "-").stdout == "7\n"


def test_a_closed_stdin_is_no_traceback(tmp_path):
    script = f'"{sys.executable}" -m tinydigits read - <&-'
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: -: found a stream that cannot be read (Bad file descriptor)")


@pytest.mark.parametrize("options", [(), ("--json",), ("--single",), ("--annotate", "out.png"), ("--model", "mlp")])
def test_what_cannot_be_read_exits_with_1_whatever_the_options(command, empty_folder, options):
    for name in ("missing.png", empty_folder):
        assert command("read", name, *options).code == 1


def test_only_the_first_frame_is_read_and_that_is_said(command, empty_folder):
    photo = Image.open(PHOTO).convert("RGB")
    photo.save("film.gif", save_all=True, append_images=[Image.new("RGB", photo.size)])
    outcome = command("read", "film.gif")
    assert outcome.stdout == "7\n"
    assert "only the first of 2 frames" in outcome.stderr


def test_a_picture_is_annotated_in_its_own_size(command, empty_folder):
    large = Image.open(PHOTO).convert("RGB").resize((640, 640))
    large.save("large.png")
    assert command("read", "large.png", "--annotate", "out.png").code == 0
    with Image.open("out.png") as drawn:
        assert (drawn.format, drawn.size) == ("PNG", (640, 640))
        assert not np.array_equal(np.asarray(drawn), np.asarray(large))


def test_one_drawing_holds_one_picture(command, blank):
    outcome = command("read", blank, blank, "--annotate", "out.png")
    assert (outcome.code, outcome.stdout) == (2, "")


def read_apart(*options):
    """`tinydigits read PHOTO` in a process of its own, its Python given `options`."""
    command = [sys.executable, *options, "-m", "tinydigits", "read", str(PHOTO)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def test_reading_starts_without_keras():
    done = read_apart("-X", "importtime")
    assert done.stdout == "7\n"
    names = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert names.isdisjoint({"keras", "tensorflow", "matplotlib", "jax", "torch"})


@pytest.mark.timing
def test_reading_starts_quickly():
    times = []
    for _ in range(3):
        started = time.perf_counter()
        read_apart()
        times.append(time.perf_counter() - started)
    assert min(times) < 1.4  # 0.7 s on a quiet machine


def test_explain_draws_why(command, empty_folder):
    outcome = command("explain", PHOTO, "--out", "why.png")
    assert (outcome.code, outcome.stdout) == (0, "7\n")
    with Image.open("why.png") as drawn:
        assert drawn.format == "PNG"


def test_explain_says_so_where_there_is_no_digit(command, blank):
    outcome = command("explain", blank)
    assert outcome.code == 3
    assert "no digit found" in outcome.stderr
    assert Path("explained.png").exists()
