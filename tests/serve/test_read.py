import io
import json
from pathlib import Path

import pytest
from PIL import Image

from tinydigits.reader import Reader

PAGE = Path(__file__).parents[2] / "docs" / "page.jpg"


@pytest.fixture(scope="module")
def page_bytes():
    return PAGE.read_bytes()


@pytest.fixture(scope="module")
def small(whole_mnist):
    """A picture of three digits, as PNG."""
    picture = Image.new("L", (120, 40), 255)
    for place in range(3):
        picture.paste(Image.fromarray(255 - whole_mnist.test.images[place]), (8 + 36 * place, 6))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def multipart(name, data, filename="page.jpg"):
    head = f'--edge\r\ncontent-disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return head.encode() + data + b"\r\n--edge--\r\n"


def test_a_picture_is_read_as_the_command_reads_it(served, page_bytes, command):
    line = command("read", PAGE, "--json").stdout
    answer = served.ask("POST", "/v1/read", page_bytes, content_type="image/jpeg")
    assert answer.status == 200
    assert {**answer.json, "file": str(PAGE)} == json.loads(line)


def test_a_form_with_a_file_is_read_alike(served, small):
    bare = served.ask("POST", "/v1/read", small).json
    form = served.ask("POST", "/v1/read", multipart("image", small), content_type="multipart/form-data; boundary=edge")
    assert form.json == {**bare, "file": "page.jpg"}
    assert bare["file"] == "-"
    assert bare["text"] == "721"


def test_options_are_those_of_the_reader(served, small):
    reading = Reader().read(small, min_confidence=0.9999)
    assert served.ask("POST", "/v1/read?min_confidence=0.9999", small).json["digits"] == reading.as_json()["digits"]
    assert len(served.ask("POST", "/v1/read?single=true&signs=false", small).json["digits"]) <= 1


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("single=yes", "single: found `yes`; expected true or false"),
        ("min_confidence=2", "a number from 0 to 1"),
        ("min_confidence=nan", "a number from 0 to 1"),
        ("colour=red", "query: found `colour`"),
    ],
)
def test_unusable_options_are_refused(served, small, query, says):
    answer = served.ask("POST", f"/v1/read?{query}", small)
    assert answer.status == 400
    assert says in answer.json["error"]


def bomb():
    """A small PNG of very many pixels."""
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("picture", [b"GIF89a", b"not a picture", b"%PDF-1.7", bomb()])
def test_what_is_no_picture_is_refused_and_the_next_one_is_read(served, small, picture):
    answer = served.ask("POST", "/v1/read", picture)
    assert answer.status == 422
    assert "expected" in answer.json["error"]
    assert served.ask("POST", "/v1/read", small).status == 200


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("image/png", b"", "body: found nothing"),
        ("multipart/form-data", b"--edge--", "Missing boundary"),
        ("multipart/form-data; boundary=edge", b"nonsense", "expected multipart/form-data with one file named `image`"),
        ("multipart/form-data; boundary=edge", multipart("photo", b"x"), "the parts photo"),
        ("multipart/form-data; boundary=edge", multipart("image", b""), "body: found nothing"),
    ],
)
def test_a_body_without_a_picture_is_refused_in_words(served, kind, body, says):
    answer = served.ask("POST", "/v1/read", body, content_type=kind)
    assert answer.status == 400
    assert says in answer.json["error"]
