"""What the gateway counts, in a registry of its own.

Labels are closed sets (who served, which state), never a developer, a path or a text. Knows nothing
of how they are asked for.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from penchant_core.wire import Usage

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)


class Metrics:
    """Counters of one gateway."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._served = Counter(
            "penchant_completions", "Completions by who served", ["served"], registry=self.registry
        )
        self._fallbacks = Counter(
            "penchant_fallbacks", "Adapters that failed a request", registry=self.registry
        )
        self._refusals = Counter(
            "penchant_refusals", "Requests refused, by status", ["status"], registry=self.registry
        )
        self._cancelled = Counter(
            "penchant_cancelled", "Completions whose client went away", registry=self.registry
        )
        self._tokens = Counter(
            "penchant_generated_tokens", "Tokens generated", registry=self.registry
        )
        self._seconds = Histogram(
            "penchant_completion_seconds",
            "Time to the whole answer",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._first = Histogram(
            "penchant_first_text_seconds",
            "Time to the first streamed text",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "penchant_in_flight", "Completions being served", registry=self.registry
        )
        self.engine_ready = Gauge(
            "penchant_engine_ready", "Whether the engine serves", registry=self.registry
        )
        self.engine_restarts = Gauge(
            "penchant_engine_restarts", "Restarts of the engine", registry=self.registry
        )
        self.adapters_loaded = Gauge(
            "penchant_adapters_loaded", "Adapters on the engine", registry=self.registry
        )

    def served(self, kind: str) -> None:
        """Count a completion by who served it: personal, team or base."""
        self._served.labels(kind).inc()

    def fell_back(self) -> None:
        """Count an adapter that failed a request."""
        self._fallbacks.inc()

    def refused(self, status: int) -> None:
        """Count a request that was answered with an error."""
        self._refusals.labels(str(status)).inc()

    def cancelled(self) -> None:
        """Count a completion whose client went away."""
        self._cancelled.inc()

    def generated(self, usage: Usage | None) -> None:
        """Count generated tokens."""
        if usage:
            self._tokens.inc(max(0, usage.completion_tokens))

    def answered(self, seconds: float) -> None:
        """Record the time to a whole answer."""
        self._seconds.observe(seconds)

    def first_text(self, seconds: float) -> None:
        """Record the time to the first streamed text."""
        self._first.observe(seconds)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)
