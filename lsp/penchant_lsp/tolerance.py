"""What is forgiven in a client's messages before pygls sees them.

pygls 2.1 never answers a request whose parameters do not fit its types; here the ones that are
known to occur are put right: the trigger kinds of clients from before LSP 3.18 (0 and 1 instead of
1 and 2), kinds that do not exist yet, a missing context. Knows nothing of documents.
"""

from typing import Any

INVOKED = 1
AUTOMATIC = 2


class Tolerance:
    """Puts messages right; remembers whether this client counts trigger kinds from 0."""

    def __init__(self) -> None:
        self._from_zero = False

    def mend(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return ``message`` with the parameters that are known to go wrong put right."""
        params = message.get("params")
        if message.get("method") != "textDocument/inlineCompletion" or not isinstance(params, dict):
            return message
        context = params.get("context")
        kind = context.get("triggerKind") if isinstance(context, dict) else None
        params["context"] = {"triggerKind": self._kind(kind)}
        return message

    def _kind(self, kind: object) -> int:
        if kind == 0 and kind is not False:
            self._from_zero = True
            return INVOKED
        if kind == 1 and kind is not True:
            return AUTOMATIC if self._from_zero else INVOKED
        return AUTOMATIC
