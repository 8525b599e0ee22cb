import http.client
import json
import threading

import numpy as np
import pytest

from tinydigits.formats.model_file import load
from tinydigits.reader.recogniser import recogniser_of


@pytest.fixture(scope="module")
def expected(digits):
    """Probabilities of each image asked alone."""
    recogniser = recogniser_of(load("reader"))
    return np.concatenate([np.exp(recogniser.logarithms(digits[n : n + 1])) for n in range(200)])


def test_bytes_and_lists_get_the_net_s_own_answer(served, digits, expected):
    as_bytes = served.classify(digits[:3].tobytes())
    as_lists = served.ask(
        "POST", "/v1/classify", json.dumps({"images": digits[:3].tolist()}), content_type="application/json"
    )
    assert as_bytes.status == 200
    assert as_bytes.json == as_lists.json
    assert as_bytes.json["model"] == "reader"
    for answer, row in zip(as_bytes.json["answers"], expected, strict=False):
        assert answer["probabilities"] == [round(value, 6) for value in row[:10].tolist()]
        assert answer["digit"] == row[:10].argmax()
        assert answer["confidence"] == round(float(row[:10].max()), 4)
        assert answer["no_digit"] == round(float(row[10]), 6)


def test_the_largest_request_is_answered_image_by_image(served, digits, expected):
    answers = served.classify(digits[:1024].tobytes()).json["answers"]
    assert len(answers) == 1024
    assert [answer["digit"] for answer in answers[:200]] == expected[:, :10].argmax(axis=1).tolist()


def test_clients_at_once_get_answers_to_their_own_images_to_the_last_bit(served, digits, expected):
    wrong = []

    def client(first):
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        for number in range(first, 200, 8):
            headers = {"content-type": "application/octet-stream"}
            connection.request("POST", "/v1/classify", digits[number].tobytes(), headers)
            answer = json.loads(connection.getresponse().read())["answers"][0]
            if answer["probabilities"] != [round(value, 6) for value in expected[number, :10].tolist()]:
                wrong.append(number)
        connection.close()

    clients = [threading.Thread(target=client, args=(first,)) for first in range(8)]
    for each in clients:
        each.start()
    for each in clients:
        each.join(60)
    assert wrong == []


@pytest.mark.parametrize(
    ("kind", "body", "status", "says"),
    [
        ("application/octet-stream", b"", 400, "0 bytes; expected 784 for each image"),
        ("application/octet-stream", bytes(785), 400, "785 bytes"),
        ("application/octet-stream", bytes(784 * 1025), 413, "1,025 images"),
        ("application/json", b"{", 400, "no JSON"),
        ("application/json", b"[" * 100_000, 400, "no JSON"),
        ("application/json", b"\xff\xfe", 400, "no JSON"),
        ("application/json", b"[]", 400, "28 rows of 28 whole numbers"),
        ("application/json", b'{"images": NaN}', 400, "no JSON"),
        ("application/json", b'{"image": []}', 400, "28 rows of 28 whole numbers"),
        ("text/plain", bytes(784), 415, "`text/plain`; expected application/json or application/octet-stream"),
        ("", bytes(784), 415, "none; expected application/json"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(served, kind, body, status, says):
    answer = served.ask("POST", "/v1/classify", body, content_type=kind)
    assert answer.status == status
    assert says in answer.json["error"]
