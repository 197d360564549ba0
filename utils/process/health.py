"""Serves `/health`, and `/metrics` where they are wanted: facts about the queue."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from utils.process.running import WrongSettings

log = logging.getLogger(__name__)

_TIMEOUT = 5.0  # seconds for the database
Facts = dict[str, float]
"""Numbers by their names, which are as Prometheus likes them."""


@contextlib.asynccontextmanager
async def serving(
    port: int, facts: Callable[[], Awaitable[Facts]], *, metrics: bool
) -> AsyncIterator[int]:
    """Answer on `port` meanwhile (0 takes any free one); yields the port.

    `/health` is 200 with the facts, 503 while the database gives none.
    """
    began = time.monotonic()

    async def health(request: web.Request) -> web.Response:
        known = await _ask(facts)
        body = {
            "status": "ok" if known is not None else "the database does not answer",
            "up_seconds": round(time.monotonic() - began),
            **(known or {}),
        }
        return web.json_response(body, status=503 if known is None else 200)

    app = web.Application()
    app.router.add_get("/health", health)
    if metrics:
        app.router.add_get("/metrics", _metrics(facts))
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "0.0.0.0", port).start()
        except OSError as error:
            raise WrongSettings(f"HEALTH_PORT {port} is taken: set it to another") from error
        # "Any free one" is another for IPv6: tell that of IPv4, if any, whose addresses are pairs.
        yield min(runner.addresses, key=len)[1]
    finally:
        await runner.cleanup()


async def _ask(facts: Callable[[], Awaitable[Facts]]) -> Facts | None:
    try:
        async with asyncio.timeout(_TIMEOUT):
            return await facts()
    except Exception as error:
        log.warning("health: %s", error)
        return None


def _metrics(
    facts: Callable[[], Awaitable[Facts]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of `/metrics`; raises `WrongSettings` without the client library."""
    try:
        import prometheus_client as prometheus
    except ImportError as error:
        raise WrongSettings("METRICS needs requirements-observability.txt installed") from error
    registry = prometheus.CollectorRegistry()
    prometheus.ProcessCollector(registry=registry)
    up = prometheus.Gauge("bot_database_up", "Whether the database answers", registry=registry)
    gauges: dict[str, prometheus.Gauge] = {}

    async def answer(request: web.Request) -> web.Response:
        known = await _ask(facts)
        up.set(known is not None)
        for name, value in (known or {}).items():
            if name not in gauges:
                gauges[name] = prometheus.Gauge(
                    f"bot_{name}", name.replace("_", " "), registry=registry
                )
            gauges[name].set(value)
        body = prometheus.generate_latest(registry)
        return web.Response(
            body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    return answer
