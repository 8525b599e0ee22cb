"""What Prometheus can ask for."""

from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from tinydigits.serve.health import Health

# Upper ends of the classes of times, in seconds.
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
# Upper ends of the classes of batch sizes, in images.
IMAGES = (1, 2, 4, 8, 16, 32, 64)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one server; their names all begin with `tinydigits_`."""

    def __init__(self, health: Health) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "tinydigits_requests", "Requests by path and status.", ("path", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "tinydigits_request_seconds",
            "From the first line of a request to the end of its answer.",
            ("path",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.batches = Histogram(
            "tinydigits_batch_images", "Images that the net saw together.", buckets=IMAGES, registry=self.registry
        )
        self.dropped = Counter(
            "tinydigits_dropped", "Requests dropped because their client had gone.", registry=self.registry
        )
        self.gauges(health)
        self.count = lru_cache(1_000)(self.requests.labels)
        self.time = lru_cache(1_000)(self.seconds.labels)

    def gauges(self, health: Health) -> None:
        """Add what the server's health tells at the moment of asking."""
        for name, text, value in (
            ("ready", "1 when warm and not ending.", lambda: health.ready),
            ("working", "Requests that wait for their answer.", lambda: health.working),
            ("held_bytes", "Bytes of request bodies in memory.", lambda: health.held_bytes),
            ("shed", "Requests answered 503 before the application saw them.", lambda: health.shed),
            ("refused", "Connections and requests refused or cut off by the protocol.", lambda: health.refused),
        ):
            Gauge(f"tinydigits_{name}", text, registry=self.registry).set_function(value)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Note one answer; `path` is the route's, so that their number is bounded."""
        self.count(path, str(status)).inc()
        self.time(path).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)
