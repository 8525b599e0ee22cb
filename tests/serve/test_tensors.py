import json

import numpy as np
import pytest

from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.tensors import inference_of

IMAGES = np.arange(2 * 784, dtype=np.uint32).astype(np.uint8).reshape(2, 28, 28)


def asked(data=None, kind="UINT8", tail=b"", **more):
    """A body, and the length of its JSON if bytes follow."""
    tensor = {"name": "image", "datatype": kind, "shape": [2, 28, 28]}
    if tail:
        tensor["parameters"] = {"binary_data_size": len(tail)}
    else:
        tensor["data"] = data
    head = json.dumps({"inputs": [tensor], **more}).encode()
    return head + tail, (str(len(head)) if tail else None)


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: asked(IMAGES.tolist()),
        lambda: asked(IMAGES.ravel().tolist()),
        lambda: asked(IMAGES.reshape(2, 784).tolist()),
        lambda: asked((IMAGES / 255).tolist(), "FP32"),
        lambda: asked(tail=IMAGES.tobytes()),
        lambda: asked(tail=(IMAGES / np.float32(255)).astype("<f4").tobytes(), kind="FP32"),
    ],
)
def test_images_are_the_same_in_every_form(request_of):
    assert np.array_equal(inference_of(*request_of()).images, IMAGES)


def test_all_outputs_are_wanted_if_none_is_named_as_json_unless_bytes_are_asked_for():
    zeros = np.zeros((2, 28, 28), int).tolist()
    every = {"probabilities": False, "no_digit": False, "label": False}
    assert inference_of(*asked(zeros)).outputs == every
    assert inference_of(*asked(zeros, outputs=[])).outputs == every
    one = [{"name": "label", "parameters": {"binary_data": True}}]
    assert inference_of(*asked(zeros, outputs=one)).outputs == {"label": True}
    mixed = [{"name": "label", "parameters": {"binary_data": False}}, {"name": "no_digit"}]
    wanted = inference_of(*asked(zeros, outputs=mixed, parameters={"binary_data_output": True})).outputs
    assert wanted == {"label": False, "no_digit": True}


GOOD = json.loads(asked(IMAGES.tolist())[0])["inputs"][0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "x"}, "one input, whose name is image"),
        ({"datatype": "INT8"}, "found `INT8`; expected UINT8 or FP32"),
        ({"datatype": ["UINT8"]}, "expected UINT8 or FP32"),
        ({"shape": [0, 28, 28]}, "shape"),
        ({"shape": [True, 28, 28]}, "shape"),
        ({"shape": [2, 784]}, "shape"),
        ({"shape": [3, 28, 28]}, "expected 2,352 whole numbers"),
        ({"shape": [1_025, 28, 28]}, "found 1,025 images"),
        ({"data": [0.5] * 1568}, "whole numbers"),
        ({"data": [True] * 1568}, "whole numbers"),
        ({"data": [256] * 1568}, "a number out of range"),
        ({"data": [-1] * 1568, "datatype": "FP32"}, "expected 0 to 1 for FP32"),
        ({"data": [1.01] * 1568, "datatype": "FP32"}, "expected 0 to 1 for FP32"),
        ({"data": [float("nan")] * 1568, "datatype": "FP32"}, "found no JSON"),
        ({"data": [10**400] * 1568, "datatype": "FP32"}, "found no JSON"),
        ({"data": None}, "data"),
        ({"data": [[[[0]]]]}, "data"),
        ({"parameters": []}, "parameters"),
        ({"parameters": {"binary_data_size": 1568}}, "0 bytes after the JSON"),
        ({"parameters": {"binary_data_size": True}}, "binary_data_size"),
    ],
)
def test_an_unusable_input_is_refused_in_words(change, says):
    body = json.dumps({"inputs": [{**GOOD, **change}]}).encode()
    with pytest.raises(RefusalError) as refused:
        inference_of(body, None)
    assert says in str(refused.value)
    assert refused.value.status in (400, 413)
    assert inference_of(json.dumps({"inputs": [GOOD]}).encode(), None).images.shape == (2, 28, 28)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"inputs": []},
        {"inputs": [GOOD, GOOD]},
        {"inputs": [GOOD], "id": 7},
        {"inputs": [GOOD], "outputs": {}},
        {"inputs": [GOOD], "outputs": [{"name": "logits"}]},
        {"inputs": [GOOD], "outputs": [{"name": ["label"]}]},
        {"inputs": [GOOD], "parameters": 1},
    ],
)
def test_another_document_is_refused(document):
    with pytest.raises(RefusalError) as refused:
        inference_of(json.dumps(document).encode(), None)
    assert refused.value.status == 400


@pytest.mark.parametrize("length", ["", "-1", "x", "99999", "1e3", "²", "9" * 5_000, "3"])
def test_a_wrong_length_of_the_json_is_refused(length):
    with pytest.raises(RefusalError):
        inference_of(asked(IMAGES.tolist())[0], length)


@pytest.mark.parametrize("tail", [IMAGES.tobytes()[1:], IMAGES.tobytes() + b"x"])
def test_bytes_that_are_not_as_many_as_the_shape_says_are_refused(tail):
    with pytest.raises(RefusalError, match="expected 1,568 of both"):
        inference_of(*asked(tail=tail))


def test_bytes_that_the_json_does_not_announce_are_refused():
    body = json.dumps({"inputs": [GOOD]}).encode()
    with pytest.raises(RefusalError, match="1 bytes after the JSON"):
        inference_of(body + b"x", str(len(body)))


def test_bytes_that_are_no_numbers_from_0_to_1_are_refused():
    for value in (np.nan, -0.1, 1.01, np.inf):
        tail = np.full((2, 28, 28), value, "<f4").tobytes()
        with pytest.raises(RefusalError, match="expected 0 to 1 for FP32"):
            inference_of(*asked(tail=tail, kind="FP32"))
