"""The socket that a server listens at."""

import ipaddress
import socket

from tinydigits.errors import AddressError

# Connections that the system keeps until the server accepts them.
BACKLOG = 2_048


def addresses_of(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    """Returns the addresses of a name, those of IPv4 first.

    Raises:
        AddressError: the name has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise AddressError(
            "--host", found=f"`{host}`, which has no address", expected="a name or an address"
        ) from error
    by_version = sorted(found, key=lambda each: each[0] != socket.AF_INET)
    return [(family, (str(address[0]), port)) for family, _, _, _, address in by_version]


def is_loopback(host: str) -> bool:
    """Returns whether only this machine can reach a host; raises AddressError if it has no address."""
    addresses = [address for _, (address, _) in addresses_of(host, 0)]
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses)


def bound(host: str, port: int) -> socket.socket:
    """Returns a socket that listens at the first address of a host.

    Raises:
        AddressError: it has none, or it cannot be listened at.
    """
    family, address = addresses_of(host, port)[0]
    try:
        made = socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        raise AddressError(
            f"{host}:{port}",
            found=f"an address that cannot be listened at ({error.strerror})",
            expected="a free one of this machine",
            fix="Choose another --port; 0 lets the system choose.",
        ) from error
    # Python looks at the socket again, and finds that its protocol is TCP. asyncio sends at once (TCP_NODELAY) only
    # where the socket says so; else each answer of two parts waits 40 ms for the client's acknowledgement.
    return socket.socket(fileno=made.detach())


def url_of(listening: socket.socket) -> str:
    """Returns the address that a browser takes."""
    address, port = listening.getsockname()[:2]
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
