import json

import pytest

from tinydigits.export import export_c as export_module
from tinydigits.export import prove


@pytest.fixture(autouse=True)
def few_images(monkeypatch, few_digits):
    """Proofs are made on few images."""
    monkeypatch.setattr(export_module, "mnist_test", lambda: few_digits[:50])


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
    ],
)
def test_bad_input_gives_its_message_and_exit_code(command, empty_folder, arguments, code, message):
    (empty_folder / "taken").mkdir()
    outcome = command("export", *arguments)
    assert (outcome.code, outcome.stdout) == (code, "")
    assert message in outcome.stderr
    assert list((empty_folder / "taken").iterdir()) == []
