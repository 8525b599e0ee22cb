"""The same net behind LitServe, as its own examples write a server; for `serving.py`.

    python benchmarks/contender_litserve.py MODEL.onnx PORT

Its Python needs litserve, onnxruntime and numpy.
"""

import sys

import litserve
import numpy as np
import onnxruntime


class Digits(litserve.LitAPI):
    """Takes `{"images": [28][28]}`, and answers with the likeliest class and its logits."""

    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])

    def decode_request(self, request):
        return np.array(request["images"], np.float32)[None] / 255

    def predict(self, x):
        return self.session.run(["probabilities"], {"image": x})[0]

    def encode_response(self, output):
        return {"digit": int(output[0].argmax()), "probabilities": output[0].tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Digits(), accelerator="cpu")
    server.run(
        host="127.0.0.1", port=int(sys.argv[2]), num_api_servers=1, generate_client_file=False, log_level="error"
    )
