import base64
import gzip
import json
from dataclasses import replace

import numpy as np
import pytest

from helpers.browser import CHROMIUM
from tinydigits.export import browser, export_html, export_litert, export_onnx, prove
from tinydigits.export import export_c as export_module
from tinydigits.export.wasm import build
from tinydigits.formats.model_file import load_network
from tinydigits.formats.onnx.file import Metadata, to_bytes
from tinydigits.network.network import Network


@pytest.fixture(autouse=True)
def few_images(monkeypatch, few_digits):
    """Proofs are made on few images."""
    for module in (export_module, export_html, export_onnx, export_litert):
        monkeypatch.setattr(module, "mnist_test", lambda: few_digits[:50])


def test_a_shipped_net_becomes_a_library(command, empty_folder):
    outcome = command("export", "mlp", "--to", "c", "--int8", "--json")
    report = json.loads(outcome.stdout)
    assert outcome.code == 0
    assert (report["to"], report["path"], report["checked_images"], report["disagreements"]) == ("c", "mlp-c", 50, 0)
    assert (empty_folder / "mlp-c" / "library.properties").exists()
    assert (empty_folder / "mlp-c" / "src" / "digits.c").exists()


def test_people_get_sizes_and_the_proof(command, empty_folder):
    outcome = command("export", "mlp", "--to", "c", "--single-header")
    assert outcome.stdout.startswith("mlp-c.h: ")
    assert "50 images checked, 0 answers differ" in outcome.stdout
    assert "#ifdef DIGITS_IMPLEMENTATION" in (empty_folder / "mlp-c.h").read_text()


def test_a_failed_proof_exits_1_names_images_and_keeps_the_files(command, empty_folder, monkeypatch):
    right = prove.answers
    monkeypatch.setattr(prove, "answers", lambda *arguments: [part + 1 for part in right(*arguments)])
    outcome = command("export", "mlp", "--to", "c", "--int8")
    assert outcome.code == 1
    assert "images 0, 1, 2" in outcome.stderr
    assert (empty_folder / "mlp-c" / "src" / "digits.c").exists()


def test_without_a_compiler_the_exit_code_is_0(command, empty_folder, monkeypatch):
    monkeypatch.setattr(prove, "candidates", lambda: [])
    outcome = command("export", "mlp", "--to", "c", "--int8", "--json")
    assert outcome.code == 0
    assert json.loads(outcome.stdout)["checked_images"] == 0
    assert "unproven" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing", "--to", "c"), 1, "neither a shipped model nor a path"),
        (("mlp", "--to", "c", "--max-ram", "10"), 1, "bytes of RAM; expected at most 10"),
        (("mlp", "--to", "c", "--out", "taken"), 1, "--overwrite"),
        (("mlp",), 2, "Missing option '--to'"),
        (("mlp", "--to", "word"), 2, "'word' is not"),
        (("mlp", "--to", "html", "--out", "taken"), 1, "--overwrite"),
        (("mlp", "--to", "html", "--max-ram", "10"), 2, "--max-ram goes with --to c, not html"),
        (("mlp", "--to", "c", "--learn"), 2, "--learn goes with --to html, not c"),
        (("mlp", "--to", "html", "--images", "10"), 2, "--images goes with --learn"),
        (("mlp", "--to", "html", "--int8"), 2, "--int8 goes with --to c or onnx or litert, not html"),
        (("mlp", "--to", "litert", "--out", "taken"), 1, "--overwrite"),
        (("mlp", "--to", "litert", "--single-header"), 2, "--single-header goes with --to c, not litert"),
        (("mlp", "--to", "onnx", "--out", "taken"), 1, "--overwrite"),
    ],
)
def test_bad_input_gives_its_message_and_exit_code(command, empty_folder, arguments, code, message):
    (empty_folder / "taken").mkdir()
    outcome = command("export", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert list((empty_folder / "taken").iterdir()) == []


@pytest.mark.skipif(CHROMIUM is None, reason="the proof is made in Chromium, which is not here")
def test_a_shipped_net_becomes_a_page(command, empty_folder):
    outcome = command("export", "mlp", "--to", "html")
    size = (empty_folder / "mlp.html").stat().st_size
    assert outcome.code == 0
    assert outcome.stdout.startswith(f"mlp.html: {size:,} bytes; accuracy ")
    assert "50 images checked, 0 answers differ, largest difference of a probability" in outcome.stdout


def test_a_page_that_learns_holds_as_many_images_as_asked(command, empty_folder, monkeypatch):
    monkeypatch.setattr(browser, "found_browser", lambda: None)
    assert command("export", "mlp", "--to", "html", "--learn", "--images", "30").code == 0
    page = (empty_folder / "mlp.html").read_text("utf-8")
    labels = page.split('id="learn-train-labels">')[1].split("<")[0]
    assert len(gzip.decompress(base64.b64decode(labels))) == 30


def test_without_ziglang_a_net_of_ones_own_becomes_a_page_that_does_not_learn(command, empty_folder, monkeypatch):
    network, _ = load_network("mlp")
    (empty_folder / "own.onnx").write_bytes(to_bytes(network, Metadata("own")))  # without the recipe of `mlp`
    monkeypatch.setattr(browser, "found_browser", lambda: None)
    monkeypatch.setattr(build, "can_compile", lambda: False)
    outcome = command("export", "own.onnx", "--to", "html", "--learn", "--images", "30")
    assert outcome.code == 0
    assert "the page reads and does not learn: WebAssembly: found no ziglang" in outcome.stderr
    assert "tinydigits[web]" in outcome.stderr
    assert "learn" not in (empty_folder / "own.html").read_text("utf-8")


@pytest.mark.skipif(not build.can_compile(), reason="no ziglang here, which compiles to WebAssembly")
def test_with_ziglang_a_net_of_ones_own_becomes_a_page_that_learns(command, empty_folder, monkeypatch):
    network, _ = load_network("mlp")
    (empty_folder / "own.onnx").write_bytes(to_bytes(network, Metadata("own")))
    monkeypatch.setattr(browser, "found_browser", lambda: None)
    assert command("export", "own.onnx", "--to", "html", "--learn", "--images", "30").code == 0
    assert 'id="learn-module"' in (empty_folder / "own.html").read_text("utf-8")


def test_without_a_browser_the_page_is_unproven_and_the_exit_code_0(command, empty_folder, monkeypatch):
    monkeypatch.setattr(browser, "found_browser", lambda: None)
    outcome = command("export", "mlp", "--to", "html", "--json")
    assert (outcome.code, json.loads(outcome.stdout)["checked_images"]) == (0, 0)
    assert "unproven" in outcome.stderr


def test_a_page_that_fails_its_proof_exits_1_and_names_the_images(command, empty_folder, monkeypatch):
    monkeypatch.setattr(browser, "found_browser", lambda: "chromium")
    zeros = np.eye(10, dtype=np.float32)[[0] * 50]
    monkeypatch.setattr(browser, "answers", lambda command, page, images: zeros)
    outcome = command("export", "mlp", "--to", "html")
    assert outcome.code == 1
    assert "the page answers other than the net for images" in outcome.stderr
    assert (empty_folder / "mlp.html").exists()


@pytest.mark.parametrize(("options", "name"), [((), "mlp.onnx"), (("--int8",), "mlp-int8.onnx")])
def test_a_shipped_net_becomes_an_onnx_file(command, empty_folder, options, name):
    outcome = command("export", "mlp", "--to", "onnx", *options)
    size = (empty_folder / name).stat().st_size
    assert outcome.code == 0
    assert outcome.stdout.startswith(f"{name}: {size:,} bytes; accuracy ")
    assert "50 images checked, 0 answers differ, largest difference of a probability" in outcome.stdout


def test_an_onnx_file_that_fails_its_proof_exits_1_and_names_the_images(command, empty_folder, monkeypatch):
    zeros = np.eye(10, dtype=np.float32)[[0] * 50]
    monkeypatch.setattr(export_onnx, "answers_of", lambda data, x: zeros)
    outcome = command("export", "mlp", "--to", "onnx", "--int8", "--json")
    report = json.loads(outcome.stdout)
    assert outcome.code == 1
    assert report["disagreements"] == report["changed_answers"] > 10
    assert "the ONNX file answers other than the net for images" in outcome.stderr
    assert (empty_folder / "mlp-int8.onnx").exists()


@pytest.fixture
def five_for_all(monkeypatch):
    """A LiteRT that answers 5 to all, and a conversion that takes no time."""
    fives = np.eye(10, dtype=np.float32)[[5] * 50]
    runtime = replace(export_litert.found_runtimes()[0], answers=lambda data, x: fives)
    monkeypatch.setattr(export_litert, "converted", lambda network, calibration: b"a net")
    monkeypatch.setattr(export_litert, "found_runtimes", lambda: [runtime])


def test_a_litert_file_that_fails_its_proof_exits_1_and_names_the_images(command, empty_folder, five_for_all):
    outcome = command("export", "mlp", "--to", "litert", "--int8")
    assert outcome.code == 1
    assert outcome.stdout.startswith("mlp-int8.tflite: 5 bytes; accuracy ")
    assert "ai-edge-litert" in outcome.stdout
    assert "the LiteRT file answers other than the net for images" in outcome.stderr
    assert (empty_folder / "mlp-int8.tflite").read_bytes() == b"a net"


def test_without_litert_the_file_is_unproven_and_the_exit_code_0(command, empty_folder, five_for_all, monkeypatch):
    monkeypatch.setattr(export_litert, "found_runtimes", list)
    outcome = command("export", "mlp", "--to", "litert", "--json")
    assert (outcome.code, json.loads(outcome.stdout)["checked_images"]) == (0, 0)
    assert "unproven" in outcome.stderr
    assert (empty_folder / "mlp.tflite").exists()


def test_c_of_a_net_for_pixels_of_0_to_255_answers_as_the_net_does(command, empty_folder):
    network, _ = load_network("mlp")
    flatten, first, *others = network.layers
    wide = Network(network.input_shape, (flatten, replace(first, kernel=first.kernel / np.float32(255)), *others))
    (empty_folder / "wide.onnx").write_bytes(to_bytes(wide, Metadata("wide", pixels="0-255")))
    accuracies = []
    for model in ("mlp", "wide.onnx"):
        outcome = command("export", model, "--to", "c", "--int8", "--json")
        accuracies.append(json.loads(outcome.stdout)["accuracy"])
    assert accuracies[0] == accuracies[1] > 0.7
