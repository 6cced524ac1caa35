"""The model that suggests: the base model, bare or with an adapter, one greedy line per place.

Loads torch when the first line is asked for. Knows nothing of personas.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from penchant_core.models import BaseModel
from penchant_trainer import quiet, resources
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.recording import Suggestion

MAX_TOKENS, BATCH, WINDOW = 40, 16, 1024


class Author:
    """A base model on the device that the settings name; ``scratch`` is for its libraries."""

    def __init__(self, base: BaseModel, device: str, scratch: Path) -> None:
        self.base, self._device, self._scratch = base, device, scratch
        self._loaded: Any = None
        self._tokens: Any = None

    def lines(self, places: Sequence[Place], adapter: Path | None = None) -> list[Suggestion]:
        """Return what the model writes at each place, to the end of the line."""
        self._load()
        from penchant_trainer import model as networks
        from penchant_trainer.evaluate import generate, text_of

        network = self._loaded.network
        if adapter is not None:
            network = networks.with_adapter(self._loaded, adapter)
        network.eval()
        prompts = [self._tokens.prompt_ids(p.prefix, p.suffix, (), p.path) for p in places]
        written = generate(network, self._tokens, prompts, max_tokens=MAX_TOKENS, batch=BATCH)
        if adapter is not None:
            networks.without_adapter(self._loaded, network)
        end = self._tokens.end
        return [_line(text_of(self._tokens, ids), bool(ids) and ids[-1] == end) for ids in written]

    def _load(self) -> None:
        if self._loaded is not None:
            return
        quiet.prepare_environment(self._scratch)
        device = resources.choose(self._device)
        resources.claim(device)
        from penchant_trainer.model import load_base
        from penchant_trainer.tokens import load_tokens

        quiet.silence()
        self._tokens = load_tokens(str(self.base.directory), self.base.renderer, WINDOW)
        self._loaded = load_base(self.base, device)


def _line(text: str, ended: bool) -> Suggestion:
    """Return the first line; a line end is where a client would have stopped it as well."""
    line, newline, _ = text.partition("\n")
    return Suggestion(line, ended or bool(newline))
