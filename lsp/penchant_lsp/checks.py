"""What ``penchant doctor`` asks about the language server.

Knows nothing of how the answers are printed.
"""

from penchant_core.checks import Check
from penchant_core.config import Config

TIMEOUT_S = 1.0


def checks(config: Config) -> list[Check]:
    """Return whether the protocol library works and whether the gateway answers."""
    return [_protocol(), _gateway(config.settings.gateway.address)]


def _protocol() -> Check:
    name = "language server"
    try:
        from lsprotocol.types import InlineCompletionOptions
        from pygls.lsp.server import LanguageServer
    except ImportError as error:
        return Check(name, False, f"pygls does not load: {error.name}", "pip install -U penchant")
    _ = (InlineCompletionOptions, LanguageServer)
    return Check(name, True, "pygls loads and knows inline completion")


def _gateway(address: str) -> Check:
    import httpx

    remedy = "start it with `penchant up`"
    try:
        answer = httpx.get(f"{address}/healthz", timeout=TIMEOUT_S, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        what = f"{address}: {type(error).__name__}"
        return Check("gateway", False, what, remedy, optional=True)  # not running is no fault
    if answer.status_code != httpx.codes.OK:
        return Check("gateway", False, f"{address} answers {answer.status_code}", remedy)
    return Check("gateway", True, f"{address} answers")
