import pytest

from tinydigits.serve.access import check_host, check_origin, check_token
from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.routes import Access
from tinydigits.serve.settings import Settings

OPEN, GUARDED, OWNER = Access.OPEN, Access.GUARDED, Access.OWNER


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:80", "[::1]:8000", "[::1]", "10.1.2.3", "LOCALHOST:1", "lab"]
)
def test_addresses_and_names_that_nobody_registers_are_good_hosts(host):
    check_host(host, Settings())


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.io:1"])
def test_names_that_another_site_may_have_are_no_good_hosts(host):
    with pytest.raises(RefusalError) as refused:
        check_host(host, Settings())
    assert refused.value.status == 421
    check_host(host, Settings(token="secret"))
    check_host(host, Settings(host=host.partition(":")[0]))


@pytest.mark.parametrize("host", [None, ""])
def test_a_request_without_host_is_refused(host):
    with pytest.raises(RefusalError, match="Host: found none"):
        check_host(host, Settings(token="secret"))


@pytest.mark.parametrize(
    "headers",
    [
        {b"origin": b"http://evil.example"},
        {b"origin": b"null"},
        {b"origin": b"http://localhost:9000"},
        {b"sec-fetch-site": b"cross-site"},
        {b"sec-fetch-site": b"same-site", b"origin": b"http://localhost:8000"},
    ],
)
def test_pages_of_other_sites_change_nothing(headers):
    asked = {b"host": b"localhost:8000", **headers}
    with pytest.raises(RefusalError) as refused:
        check_origin("POST", asked)
    assert refused.value.status == 403
    check_origin("GET", asked)


@pytest.mark.parametrize(
    "headers",
    [{}, {b"origin": b"http://localhost:8000"}, {b"sec-fetch-site": b"none"}, {b"origin": b"http://LocalHost:8000"}],
)
def test_programs_and_our_own_pages_may_post(headers):
    check_origin("POST", {b"host": b"localhost:8000", **headers})


@pytest.mark.parametrize(
    "shown",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer wrong",
        b"Basic secret",
        b"Basic c2VjcmV0",  # "secret", without a user's name and colon
        b"Basic bWU6d3Jvbmc=",  # "me:wrong"
        b"Basic \xff",
        b"secret",
        b"Bearer \xff",
    ],
)
def test_another_token_is_refused(shown):
    for access in (GUARDED, OWNER):
        with pytest.raises(RefusalError) as refused:
            check_token(shown, access, Settings(token="secret"))
        assert refused.value.status == 401
        assert refused.value.headers == {"www-authenticate": 'Basic realm="tinydigits"'}
    check_token(shown, OPEN, Settings(token="secret"))


@pytest.mark.parametrize("shown", [b"Bearer secret", b"bearer secret", b"Basic bWU6c2VjcmV0", b"basic OnNlY3JldA=="])
def test_the_token_is_taken_from_a_program_and_as_a_browsers_password(shown):
    check_token(shown, OWNER, Settings(token="secret"))


def test_what_is_the_owners_needs_a_token_where_others_reach_the_address():
    check_token(None, OWNER, Settings())
    check_token(None, GUARDED, Settings(loopback=False))
    with pytest.raises(RefusalError, match="Start the server with --token"):
        check_token(None, OWNER, Settings(loopback=False))
