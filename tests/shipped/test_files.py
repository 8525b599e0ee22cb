import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinydigits.data import dataset
from tinydigits.errors import IntegrityError
from tinydigits.export.wasm import modules
from tinydigits.formats import model_file
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.shipped import files, results
from tinydigits.shipped.files import HASHES, checked_bytes, hashes_text, package_bytes, recorded_hashes

NAMES = sorted(recorded_hashes())
# What reads each kind of file, as the package does.
READERS = {
    "shipped/weights/reader.onnx": lambda: model_file.load("reader"),
    "shipped/weights/pocket.onnx": lambda: model_file.load_network("pocket"),
    "shipped/weights/measured.json": results.measured,
    "export/wasm/shipped/index.json": modules.index,
    "export/wasm/shipped/cnn.wasm.gz": lambda: modules.shipped_module("cnn"),
}


@pytest.fixture
def changed(monkeypatch):
    """A function that changes one byte of a file of the package, as it is read."""

    def change(name, position, by):
        content = bytearray(package_bytes(name))
        content[position % len(content)] ^= by
        monkeypatch.setattr(
            files, "package_bytes", lambda asked: bytes(content) if asked == name else package_bytes(asked)
        )
        recorded_hashes.cache_clear()

    yield change
    recorded_hashes.cache_clear()


def test_the_recorded_hashes_are_those_of_the_files():
    assert package_bytes(HASHES).decode() == hashes_text(), "run `python tools/shipped_hashes.py`"


def test_every_shipped_net_and_module_is_recorded():
    nets = {f"shipped/weights/{name}.onnx" for name in (*model_file.SHIPPED, model_file.READER)}
    assert nets | set(READERS) < set(NAMES)
    assert len(NAMES) == len(nets) + 1 + 1 + 6  # measured.json, index.json, and a module a recipe


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 10**6), st.integers(1, 255))
def test_any_changed_byte_of_a_shipped_file_is_noticed(name, position, by):
    with pytest.MonkeyPatch.context() as patch:
        content = bytearray(package_bytes(name))
        content[position % len(content)] ^= by
        patch.setattr(files, "package_bytes", lambda asked: bytes(content) if asked == name else package_bytes(asked))
        with pytest.raises(IntegrityError, match=f"tinydigits/{name}: found SHA-256 .* install tinydigits again"):
            checked_bytes(name)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(package_bytes(HASHES)) - 1), st.integers(1, 255))
def test_any_changed_byte_of_the_hashes_is_noticed(position, by):
    """One file is refused at least; a changed line feed spoils two lines."""
    content = bytearray(package_bytes(HASHES))
    content[position] ^= by
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "package_bytes", lambda name: bytes(content) if name == HASHES else package_bytes(name))
        recorded_hashes.cache_clear()
        refused = []
        for name in NAMES:
            try:
                checked_bytes(name)
            except IntegrityError:
                refused.append(name)
    recorded_hashes.cache_clear()
    assert refused


@pytest.mark.parametrize("name", READERS)
def test_whoever_reads_a_shipped_file_meets_the_check(name, changed):
    READERS[name]()
    changed(name, 1000, 1)
    with pytest.raises(IntegrityError, match="install tinydigits again"):
        READERS[name]()


def test_the_recorded_hash_is_said(changed):
    name = "shipped/weights/cnn.onnx"
    recorded = recorded_hashes()[name]
    changed(name, 0, 1)
    with pytest.raises(IntegrityError, match=f"expected {recorded}"):
        checked_bytes(name)


def test_a_file_without_a_recorded_hash_is_refused():
    with pytest.raises(IntegrityError, match=r"expected a hash of it in shipped/sha256\.txt"):
        checked_bytes("py.typed")


def test_without_the_check_a_changed_byte_can_pass():
    """The control: ONNX metadata, such as a temperature, are read whatever they say."""
    content = package_bytes("shipped/weights/cnn.onnx")
    place = content.index(b"tinydigits.temperature") + len(b"tinydigits.temperature") + 3
    digit = content.index(b".", place) + 1
    other = bytes([content[digit] ^ 1])
    _, metadata = onnx_file.from_bytes(content[:digit] + other + content[digit + 1 :], "cnn")
    assert metadata.temperature != onnx_file.from_bytes(content, "cnn")[1].temperature


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(dataset.STORED_SHA256)), st.integers(0, 10**7), st.integers(1, 255))
def test_any_changed_byte_of_mnist_is_noticed(name, position, by):
    content = bytearray(package_bytes(f"data/mnist_files/{name}"))
    content[position % len(content)] ^= by

    class Changed:
        def __truediv__(self, part):
            return self

        def read_bytes(self):
            return bytes(content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset.resources, "files", lambda package: Changed())
        with pytest.raises(IntegrityError):
            dataset.bundled_bytes(name.removesuffix(".gz"))


def test_the_module_of_a_recipe_is_unpacked():
    assert gzip.decompress(checked_bytes("export/wasm/shipped/mlp.wasm.gz")) == modules.shipped_module("mlp")
