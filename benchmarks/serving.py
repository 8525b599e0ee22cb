"""How many single digits `tinydigits serve` answers, how fast, and what it does when there are too many.

    python benchmarks/serving.py [--seconds 10] [--litserve PYTHON] [--output FILE]

The load is made by `wrk`, on the same machine. `wrk` keeps no rate: at a given load, each of its connections waits for
a random time between requests. Latency of answers that were accepted is measured by eight more clients, each of which
asks up to twenty times a second and, when it is refused, comes back after as long as Retry-After says. PYTHON is one
with litserve, onnxruntime and numpy; without it, nothing is compared.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from machine import describe_machine, version_of

from tinydigits.data.dataset import mnist_test

PATIENCE = 60.0
# Connections that keep the server busy, and some that are too many for it.
BUSY, TOO_MANY = 32, 512
# Clients that measure latency, and the seconds that each waits between requests.
PROBES, PAUSE = 8, 0.05
BYTES, JSON = "application/octet-stream", "application/json"


@dataclass(frozen=True)
class Running:
    """A server under test."""

    process: subprocess.Popen[str]
    port: int

    def resident_mb(self) -> float:
        """Megabytes of the server's own process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1000


@contextlib.contextmanager
def serving(command: list[str], port: int | None = None) -> Iterator[Running]:
    """A server that answers; its port is on the first line that it prints, unless it is given."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = port or int(process.stdout.readline().rpartition(":")[2])
        running = Running(process, port)
        until = time.monotonic() + PATIENCE
        while status_of(running, "/readyz") not in (200, 404) and time.monotonic() < until:
            time.sleep(0.2)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait(10)


def status_of(server: Running, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@dataclass(frozen=True)
class Load:
    """What `wrk` saw: answers a second, their 99th percentile in ms, and how many were errors."""

    rate: float
    p99: float
    errors: int


def load(server: Running, path: str, body: bytes, kind: str, connections: int, seconds: int, rate: float = 0) -> Load:
    """Has `wrk` ask, as fast as it can or about so many times a second."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "body").write_bytes(body)
        pause = f"function delay() return math.random(0, {round(2000 * connections / rate)}) end" if rate else ""
        script = Path(folder, "ask.lua")
        script.write_text(
            f'wrk.method = "POST"\nwrk.body = io.open("{folder}/body", "rb"):read("*a")\n'
            f'wrk.headers["Content-Type"] = "{kind}"\n{pause}\n'
        )
        url = f"http://127.0.0.1:{server.port}{path}"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url]
        text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + PATIENCE).stdout
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    return Load(rate, float(p99) * {"us": 0.001, "ms": 1, "s": 1000}[unit], int(errors[1]) if errors else 0)


class Probe(threading.Thread):
    """Asks on one connection, as a client that behaves well, until it is told to stop.

    Attributes:
        seen: of each answer, when it came, its status, the ms that it took, and whether it said when to come back.
    """

    def __init__(self, server: Running, body: bytes, done: threading.Event) -> None:
        super().__init__()
        self.server, self.body, self.done = server, body, done
        self.seen: list[tuple[float, int, float, bool]] = []
        self.memory: list[float] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        pause = PAUSE
        while not self.done.wait(pause):
            begun = time.perf_counter()
            connection.request("POST", "/v1/classify", self.body, {"content-type": BYTES})
            answer = connection.getresponse()
            answer.read()
            now = time.perf_counter()
            again = answer.getheader("retry-after")
            self.seen.append((now, answer.status, 1000 * (now - begun), again is not None))
            self.memory.append(self.server.resident_mb())
            pause = float(again or PAUSE)
        connection.close()


@dataclass(frozen=True)
class Probes:
    """What several probes saw together."""

    probes: list[Probe]

    @property
    def seen(self) -> list[tuple[float, int, float, bool]]:
        return [each for probe in self.probes for each in probe.seen]

    @property
    def accepted(self) -> list[float]:
        """Milliseconds of the answers that were no refusal."""
        return [ms for _, status, ms, _ in self.seen if status == 200]

    @property
    def most_memory(self) -> float:
        """Megabytes."""
        return max(max(probe.memory) for probe in self.probes)


@contextlib.contextmanager
def probing(server: Running, body: bytes) -> Iterator[Probes]:
    done = threading.Event()
    probes = [Probe(server, body, done) for _ in range(PROBES)]
    for probe in probes:
        probe.start()
    try:
        yield Probes(probes)
    finally:
        done.set()
        for probe in probes:
            probe.join(PATIENCE)


def p99(milliseconds: list[float]) -> float:
    return float(np.percentile(milliseconds, 99))


def overload(server: Running, body: bytes, capacity: float, seconds: int) -> list[str]:
    """Lines about three times the load that the server can answer, and the five seconds after it."""
    with probing(server, body) as calm:
        time.sleep(seconds)
    before = server.resident_mb()
    with probing(server, body) as pressed:
        seen = load(server, "/v1/classify", body, BYTES, TOO_MANY, 2 * seconds, 3 * capacity)
    ended = time.perf_counter()
    with probing(server, body) as after:
        time.sleep(5)
    refused = [each for each in pressed.seen if each[1] != 200]
    last = max((when for when, status, *_ in after.seen if status != 200), default=ended)
    ratio = p99(pressed.accepted) / p99(calm.accepted)
    return [
        f"| unloaded: p99 | {p99(calm.accepted):.1f} ms (n = {len(calm.seen):,}) |",
        f"| answers a second, asked 3 × {capacity:,.0f} times | {seen.rate:,.0f}, of which "
        f"{seen.errors / seen.rate / 2 / seconds:.0%} refused |",
        f"| accepted of the eight clients: p99 | {p99(pressed.accepted):.1f} ms (n = {len(pressed.accepted):,} "
        f"of {len(pressed.seen):,}), {ratio:.1f} × unloaded |",
        f"| refusals other than 503 with Retry-After | {sum(s != 503 or not again for _, s, _, again in refused)} |",
        f"| memory of the server's process | {before:.0f} MB before, at most {pressed.most_memory:.0f} MB |",
        f"| after the load: last refusal | {last - ended:.2f} s; p99 of 5 s {p99(after.accepted):.1f} ms |",
    ]


def half_open(server: Running, body: bytes, seconds: int) -> list[str]:
    """A line about 200 sockets that have sent half a first line."""
    with probing(server, body) as alone:
        time.sleep(seconds)
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port))).sendall(b"POST /v1/cl")
        with probing(server, body) as beside:
            time.sleep(min(seconds, 8))  # they are cut off after ten
    ms = (
        float(np.median(alone.accepted)),
        p99(alone.accepted),
        float(np.median(beside.accepted)),
        p99(beside.accepted),
    )
    return [
        "| beside 200 half-open sockets: median, p99 | {2:.1f}, {3:.1f} ms; without {0:.1f}, {1:.1f} ms |".format(*ms)
    ]


def ended(server: Running, body: bytes) -> list[str]:
    """A line about SIGTERM while 16 clients ask without a pause."""
    lost: list[int] = []
    answered: list[int] = []

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        close = False
        while not close:
            try:
                connection.request("POST", "/v1/classify", body, {"content-type": BYTES})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                lost.append(1)
                return
            answered.append(answer.status)
            close = answer.getheader("connection") == "close"

    clients = [threading.Thread(target=ask) for _ in range(16)]
    for client in clients:
        client.start()
    time.sleep(2)
    begun = time.perf_counter()
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(PATIENCE)
    seconds = time.perf_counter() - begun
    for client in clients:
        client.join(PATIENCE)
    good = sum(status == 200 for status in answered)
    return [
        f"| SIGTERM under the load of 16 clients | {good:,} of {len(answered):,} answered 200, {len(lost)} dropped; "
        f"ended in {seconds:.2f} s with exit code {code} |"
    ]


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def compared(server: Running, python: str, body: bytes, document: bytes, seconds: int) -> list[str]:
    """Lines about LitServe, in turn with our server."""
    port = free_port()
    with resources.as_file(resources.files("tinydigits.shipped") / "weights" / "reader.onnx") as model:
        contender = str(Path(__file__).parent / "contender_litserve.py")
        with serving([python, contender, str(model), str(port)], port) as other:
            asked = (server, "/v1/classify", body, BYTES), (server, "/v1/classify", document, JSON)
            theirs = (other, "/predict", document, JSON)
            rounds = [[load(*each, BUSY, seconds) for each in (*asked, theirs)] for _ in range(3)]
    if any(loads[-1].errors for loads in rounds):
        raise RuntimeError("LitServe answered with errors")
    ours_bytes, ours_json, lit = (
        float(np.median([load.rate for load in column])) for column in zip(*rounds, strict=True)
    )
    command = [python, "-c", "from importlib.metadata import version; print(version('litserve'))"]
    named = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return [
        f"| LitServe {named}, JSON, 3 rounds in turn with the next two, medians | {lit:,.0f} answers a second |",
        f"| tinydigits, JSON | {ours_json:,.0f}, {ours_json / lit:.1f} × LitServe |",
        f"| tinydigits, bytes | {ours_bytes:,.0f}, {ours_bytes / lit:.1f} × LitServe, which takes JSON |",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--litserve", metavar="PYTHON")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    image = mnist_test().images[0]
    body, document = image.tobytes(), json.dumps({"images": image.tolist()}).encode()
    lines = [
        describe_machine(),
        "- " + ", ".join(f"{name} {version_of(name)}" for name in ("uvicorn", "starlette", "httptools", "orjson")),
        f"- `python benchmarks/serving.py {' '.join(sys.argv[1:])}`; all on one machine, `wrk` included\n",
        "| what | figure |\n|---|---|",
    ]
    with serving([sys.executable, "-m", "tinydigits", "serve", "--port", "0"]) as server:
        full = [load(server, "/v1/classify", body, BYTES, BUSY, options.seconds) for _ in range(3)]
        capacity = float(np.median([each.rate for each in full]))
        half = load(server, "/v1/classify", body, BYTES, BUSY, options.seconds, capacity / 2)
        lines += [
            f"| answers a second, {BUSY} connections, 3 rounds | {', '.join(f'{each.rate:,.0f}' for each in full)} |",
            f"| p99 of these | {', '.join(f'{each.p99:.1f}' for each in full)} ms |",
            f"| p99 at half that load ({half.rate:,.0f} a second) | {half.p99:.1f} ms |",
        ]
        lines += compared(server, options.litserve, body, document, options.seconds) if options.litserve else []
        lines += half_open(server, body, options.seconds)
        lines += overload(server, body, capacity, options.seconds)
        lines += ended(server, body)
    text = "\n".join(lines) + "\n"
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
