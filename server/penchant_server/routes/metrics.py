"""``GET /metrics``: Prometheus' text format."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from penchant_server.routes import TheGateway

router = APIRouter()


@router.get("/metrics")
async def metrics(gateway: TheGateway) -> Response:
    """Return all metrics; the gauges are read now."""
    numbers = gateway.metrics
    numbers.engine_ready.set(1 if gateway.ready else 0)
    numbers.engine_restarts.set(gateway.supervisor.restarts)
    numbers.adapters_loaded.set(len(gateway.loader.slots))
    return Response(numbers.text(), media_type=CONTENT_TYPE_LATEST)
