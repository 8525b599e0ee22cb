import json

import numpy as np
import pytest
from tritonclient import http as client

from tinydigits import __version__
from tinydigits.serve.application import application
from tinydigits.serve.health import Health
from tinydigits.serve.inference import ready
from tinydigits.serve.log import Log
from tinydigits.serve.settings import Settings


@pytest.fixture(scope="module")
def triton(served):
    """NVIDIA's client of the protocol."""
    opened = client.InferenceServerClient(f"127.0.0.1:{served.port}")
    yield opened
    opened.close()


@pytest.mark.parametrize(("kind", "scale"), [("UINT8", 1), ("FP32", 255)])
@pytest.mark.parametrize("binary", [True, False])
def test_a_client_of_the_protocol_reads_digits(served, triton, digits, kind, scale, binary):
    images = digits[:100]
    tensor = client.InferInput("image", list(images.shape), kind)
    values = images if scale == 1 else (images / np.float32(scale)).astype(np.float32)
    tensor.set_data_from_numpy(values, binary_data=binary)
    wanted = [client.InferRequestedOutput(name, binary_data=binary) for name in ("label", "probabilities", "no_digit")]
    result = triton.infer("reader", [tensor], outputs=wanted, request_id="a7")
    assert result.get_response()["id"] == "a7"
    answers = served.classify(images.tobytes()).json["answers"]
    assert result.as_numpy("label").tolist() == [answer["digit"] for answer in answers]
    probabilities, no_digit = result.as_numpy("probabilities"), result.as_numpy("no_digit")
    assert probabilities.dtype == np.float32
    assert np.allclose(probabilities, [answer["probabilities"] for answer in answers], atol=1e-6)
    assert np.allclose(no_digit, [answer["no_digit"] for answer in answers], atol=1e-6)


def test_a_client_of_the_protocol_finds_what_it_needs_to_know(triton):
    assert triton.is_server_live()
    assert triton.is_server_ready()
    assert triton.is_model_ready("reader")
    assert triton.is_model_ready("reader", "1")
    assert not triton.is_model_ready("reader", "2")
    assert not triton.is_model_ready("cnn")
    server = triton.get_server_metadata()
    assert (server["name"], server["version"]) == ("tinydigits", __version__)
    model = triton.get_model_metadata("reader")
    assert model == triton.get_model_metadata("reader", "1")
    assert model["inputs"] == [{"name": "image", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert [each["name"] for each in model["outputs"]] == ["probabilities", "no_digit", "label"]


def test_a_client_of_the_protocol_is_told_what_is_wrong(triton):
    tensor = client.InferInput("image", [1, 28, 28], "FP32")
    tensor.set_data_from_numpy(np.full((1, 28, 28), 255, np.float32))
    with pytest.raises(client.InferenceServerException, match="expected 0 to 1 for FP32"):
        triton.infer("reader", [tensor])


def test_outputs_are_as_the_metadata_say(served):
    model = served.ask("GET", "/v2/models/reader").json
    data = {"name": "image", "datatype": "UINT8", "shape": [3, 28, 28], "data": [0] * 2352}
    answer = served.ask("POST", "/v2/models/reader/infer", json.dumps({"inputs": [data]})).json
    assert "id" not in answer
    for output, described in zip(answer["outputs"], model["outputs"], strict=True):
        assert (output["name"], output["datatype"]) == (described["name"], described["datatype"])
        assert output["shape"] == [3, *described["shape"][1:]]
        assert len(output["data"]) == np.prod(output["shape"])


@pytest.mark.parametrize("path", ["/v2/models/cnn", "/v2/models/reader/versions/2/ready", "/v2/models/%2e%2e"])
def test_another_model_or_version_is_not_found(served, path):
    answer = served.ask("GET", path)
    assert answer.status == 404
    assert "expected `reader`, version `1`" in answer.json["error"]


def test_the_server_is_not_ready_before_the_net_is_and_once_it_ends():
    health = Health()
    assert ready(health).status_code == 503
    health.warm = True
    assert ready(health).status_code == 200
    health.draining = True
    assert (ready(health).status_code, ready(health).headers["retry-after"]) == (503, "1")


def test_a_model_may_be_named_with_and_without_its_version():
    paths = {route.path for route in application(Settings(), Log(None)).gate.table.routes}
    for tail in ("", "/ready", "/infer"):
        assert {f"/v2/models/{{model}}{tail}", f"/v2/models/{{model}}/versions/{{version}}{tail}"} <= paths
