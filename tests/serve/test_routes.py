import pytest

from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.routes import Route, Table


async def nothing(request):
    raise AssertionError


TABLE = Table(
    (
        Route("GET", "/models", nothing),
        Route("GET", "/models/{model}", nothing),
        Route("POST", "/models/{model}/infer", nothing),
        Route("GET", "/models/ready", nothing),
    )
)


def test_the_part_in_braces_is_found_and_fixed_paths_win():
    assert TABLE.find("GET", "/models/cnn")[1] == {"model": "cnn"}
    assert TABLE.find("POST", "/models/a.b/infer")[1] == {"model": "a.b"}
    route, parameters = TABLE.find("HEAD", "/models/ready")
    assert (route.path, parameters) == ("/models/ready", {})


@pytest.mark.parametrize("path", ["/", "", "/models/", "/models/a/b", "/models/a/b/infer", "/Models", "/models/cnn/"])
def test_other_paths_are_not_found(path):
    with pytest.raises(RefusalError) as refused:
        TABLE.find("GET", path)
    assert refused.value.status == 404


def test_another_method_is_told_which_are_allowed():
    with pytest.raises(RefusalError) as refused:
        TABLE.find("DELETE", "/models")
    assert refused.value.status == 405
    assert refused.value.headers == {"allow": "GET, HEAD"}
