"""The language server with a clock that the tests turn: ``test/clock`` {seconds}. Nothing else
differs from ``python -m penchant_lsp``."""

import sys

from penchant_lsp import server


class Clocked(server.App):
    def __init__(self, suffix: str) -> None:
        super().__init__(suffix)
        self.now = 1000.0
        self.session.clock = lambda: self.now
        self.protocol.custom["test/clock"] = self._turn

    def _turn(self, params: dict[str, float]) -> None:
        self.now += params["seconds"]
        self.tick()


server.App = Clocked
sys.exit(server.run())
