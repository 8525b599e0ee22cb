import json
from hashlib import sha256

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from onnx import helper, numpy_helper

from helpers.networks import dense_network, images_for, networks, odd_network
from tinydigits.data.dataset import scaled, without_channel_axis
from tinydigits.errors import IntegrityError, ModelError, TinydigitsError, UnsafeModelError
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.formats.onnx.file import Metadata, from_bytes, sealed, to_bytes
from tinydigits.formats.onnx.session import onnx_predict, session_of

METADATA = Metadata("odd", recipe={"epochs": 5}, seed=3, versions={"keras": "3"}, scores={"test": 0.5})
FILE = to_bytes(odd_network(), METADATA)


def edited(change):
    """The bytes of the odd net's file after `change` was made to its protobuf."""
    model = onnx.ModelProto.FromString(FILE)
    change(model)
    return model.SerializeToString(deterministic=True)


def test_inputs_and_outputs_are_named_as_promised():
    session = session_of(to_bytes(dense_network(), METADATA))
    assert [(each.name, each.shape, each.type) for each in session.get_inputs()] == [
        ("image", ["N", 5, 6], "tensor(float)")
    ]
    assert [(each.name, each.shape) for each in session.get_outputs()] == [
        ("logits", ["N", 10]),
        ("probabilities", ["N", 10]),
    ]


def test_the_metadata_is_json_under_the_promised_keys():
    stored = {entry.key: json.loads(entry.value) for entry in onnx.ModelProto.FromString(FILE).metadata_props}
    assert stored == {
        "tinydigits.format": 2,
        "tinydigits.name": "odd",
        "tinydigits.classes": 10,
        "tinydigits.parameters": 487,
        "tinydigits.multiply_adds": 5296,
        "tinydigits.recipe": {"epochs": 5},
        "tinydigits.seed": 3,
        "tinydigits.versions": {"keras": "3"},
        "tinydigits.scores": {"test": 0.5},
        "tinydigits.temperature": 1.0,
        "tinydigits.rejection": None,
        "tinydigits.weights_sha256": odd_network().weights_sha256,
        "tinydigits.file_sha256": sha256(FILE[:-65]).hexdigest(),
    }


def test_pixels_of_0_to_255_survive_the_file_and_are_obeyed():
    network = dense_network()
    data = to_bytes(network, Metadata("bytes", pixels="0-255"))
    read, metadata = from_bytes(data, "file")
    assert metadata.pixels == "0-255"
    images = images_for(network)
    expected = session_of(data).run(["probabilities"], {"image": images.astype(np.float32)})[0]
    assert np.allclose(onnx_predict(read, "net", "0-255")(images), expected, atol=1e-6)
    assert not np.allclose(onnx_predict(read, "net")(images), expected, atol=1e-3)


def test_pixels_of_an_unknown_range_are_refused():
    with pytest.raises(ModelError, match="range of pixels"):
        from_bytes(to_bytes(dense_network(), Metadata("odd", pixels="0-100")), "file")


def test_the_file_is_valid_onnx():
    onnx.checker.check_model(onnx.ModelProto.FromString(FILE), full_check=True)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks())
def test_any_network_survives_the_file_byte_for_byte_and_runs_the_same_in_onnx_runtime(network):
    data = to_bytes(network, METADATA)
    read, metadata = from_bytes(data, "file")
    assert metadata == METADATA
    assert to_bytes(read, metadata) == data
    images = images_for(network)
    assert np.allclose(onnx_predict(read, "net")(images), network.predict(images), atol=1e-5)


def test_logits_are_those_before_softmax():
    network = odd_network()
    x = scaled(images_for(network))
    (logits,) = session_of(FILE).run(["logits"], {"image": x.reshape(-1, *without_channel_axis(network.input_shape))})
    assert np.allclose(logits, network.logits(x), atol=1e-5)


def make_external(model):
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def add_operator(model, operator="Loop", domain=""):
    model.graph.node.append(helper.make_node(operator, [], ["x"], domain=domain))


@pytest.mark.parametrize(
    "change",
    [
        make_external,
        add_operator,
        lambda model: add_operator(model, "Relu", "com.example"),
        lambda model: model.functions.add(name="f", domain="d"),
    ],
)
def test_a_file_that_reaches_outside_itself_is_refused(change):
    from_bytes(edited(lambda model: None), "control")
    with pytest.raises(UnsafeModelError):
        from_bytes(edited(change), "file")


def test_changed_weights_are_noticed():
    def change(model):
        tensor = model.graph.initializer[0]
        tensor.raw_data = bytes(reversed(tensor.raw_data))

    with pytest.raises(IntegrityError, match="weights with SHA-256"):
        from_bytes(sealed(edited(change)), "file")


def node(model, operator):
    return next(node for node in model.graph.node if node.op_type == operator)


def attribute(model, operator, name):
    return next(each for each in node(model, operator).attribute if each.name == name)


def replace_weights(model, name, array):
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name.endswith(name))
    tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.metadata_props.pop(),
        lambda model: setattr(model.metadata_props[0], "value", "3"),
        lambda model: setattr(model.metadata_props[0], "value", "{"),
        lambda model: setattr(model.metadata_props[0], "value", "[" * 100_000),
        lambda model: setattr(model.opset_import[0], "version", 99),
        lambda model: setattr(model, "ir_version", 3),
        lambda model: model.graph.node.pop(),
        lambda model: model.graph.node.pop(1),
        lambda model: model.graph.initializer.pop(),
        lambda model: node(model, "Conv").input.pop(),
        lambda model: node(model, "Conv").ClearField("attribute"),
        lambda model: attribute(model, "Conv", "pads").ints.extend([0]),
        lambda model: attribute(model, "MaxPool", "strides").CopyFrom(helper.make_attribute("strides", [0, 0])),
        lambda model: replace_weights(model, "gemm.kernel", np.zeros((5, 10), np.float32)),
        lambda model: replace_weights(model, "conv.kernel", np.zeros((4, 1, 3, 2), np.float32)),
        lambda model: replace_weights(model, "conv.bias", np.zeros(7, np.float32)),
        lambda model: setattr(model.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", 2**40),
    ],
)
def test_a_file_that_tinydigits_would_not_have_written_is_refused(change):
    with pytest.raises(TinydigitsError):
        from_bytes(sealed(edited(change)), "file")


def test_a_name_reaches_no_terminal_with_control_characters():
    _, metadata = from_bytes(to_bytes(odd_network(), Metadata("red\x1b[31m\n" + "x" * 200)), "file")
    assert metadata.name == "red?[31m?" + "x" * 91


@pytest.mark.parametrize("change", [lambda byte: byte ^ 1, lambda byte: byte ^ 128, lambda byte: 255 - byte])
def test_any_changed_byte_is_refused(change):
    assert from_bytes(FILE, "control")[1] == METADATA
    for place, byte in enumerate(FILE):
        with pytest.raises(TinydigitsError):
            from_bytes(FILE[:place] + bytes([change(byte)]) + FILE[place + 1 :], "file")


def test_a_file_of_format_1_is_read_without_a_sha256_of_its_own():
    model = onnx.ModelProto.FromString(FILE)
    model.metadata_props[0].value = "1"
    del model.metadata_props[-1]
    network, metadata = from_bytes(model.SerializeToString(), "file")
    assert network.weights_sha256 == odd_network().weights_sha256
    assert metadata == METADATA


def test_bytes_that_are_no_model_are_refused(tmp_path):
    for content in (b"", b"hello", FILE[:100]):
        (tmp_path / "x.onnx").write_bytes(content)
        with pytest.raises(ModelError):
            onnx_file.read(tmp_path / "x.onnx")


def test_a_file_over_the_cap_is_refused_unread(tmp_path, monkeypatch):
    (tmp_path / "x.onnx").write_bytes(FILE)
    onnx_file.read(tmp_path / "x.onnx")
    monkeypatch.setattr(onnx_file, "MAX_BYTES", len(FILE) - 1)
    with pytest.raises(UnsafeModelError, match="at most"):
        onnx_file.read(tmp_path / "x.onnx")
