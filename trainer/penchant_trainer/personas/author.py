"""The model that suggests: the base model, bare or with an adapter, one greedy line per place.

Loads torch when the first line is asked for, and the base model once. Knows nothing of personas.
"""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penchant_core.models import BaseModel
from penchant_core.show_filter.certainty import certainty
from penchant_trainer import quiet, resources
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.recording import Suggestion

if TYPE_CHECKING:
    from penchant_trainer.personas.lines import Line

MAX_TOKENS, WINDOW = 40, 1024
BATCH = {"cpu": 4, "cuda": 32}
"""Prompts that are read at once: on a CPU four stay in its cache, sixteen take twice as long."""


class Author:
    """A base model on the device that the settings name; ``scratch`` is for its libraries."""

    def __init__(self, base: BaseModel, device: str, scratch: Path) -> None:
        self.base, self._device, self._scratch = base, device, scratch
        self._loaded: Any = None
        self._tokens: Any = None

    def lines(self, places: Sequence[Place], adapter: Path | None = None) -> list[Suggestion]:
        """Return what the model writes at each place, to the end of the line."""
        self._load()
        from penchant_trainer.copies import copier
        from penchant_trainer.personas.lines import written

        near = [copier(self._tokens, place) for place in places]
        prompts = [self._tokens.prompt_ids(p.prefix, p.suffix, (), p.path) for p in places]
        batch = BATCH[self._loaded.device.kind]
        with self._network(adapter) as network:
            network.eval()
            found = written(network, self._tokens, prompts, near=near, most=MAX_TOKENS, batch=batch)
        return [self._suggestion(line) for line in found]

    @contextmanager
    def _network(self, adapter: Path | None) -> Iterator[Any]:
        """Give the model with an adapter, merged on a CPU as the embedded engine serves it."""
        from penchant_trainer import model as networks

        if adapter is None:
            yield self._loaded.network
        elif self._loaded.device.kind == "cpu":
            copied = networks.Loaded(
                self.base, self._loaded.device, copy.deepcopy(self._loaded.network)
            )
            yield networks.with_adapter(copied, adapter).merge_and_unload()
        else:
            network = networks.with_adapter(self._loaded, adapter)
            yield network
            networks.without_adapter(self._loaded, network)

    def _suggestion(self, line: "Line") -> Suggestion:
        """Return its text; a line end is where a client would have stopped the model as well."""
        from penchant_trainer.evaluate import text_of

        text, newline, _ = text_of(self._tokens, line.ids).partition("\n")
        ended = bool(newline) or line.ids[-1] == self._tokens.end
        tokens = [text_of(self._tokens, [token]) for token in line.ids]
        sure = certainty(zip(tokens, line.logs, strict=True))
        return Suggestion(text, ended, round(sum(line.logs), 4), sure)

    def _load(self) -> None:
        if self._loaded is not None:
            return
        quiet.prepare_environment(self._scratch)
        device = resources.choose(self._device)
        resources.claim(device)
        from penchant_trainer.model import load_base
        from penchant_trainer.tokens import load_tokens

        quiet.silence()
        base = self.base
        self._tokens = load_tokens(str(base.directory), base.renderer, WINDOW, base.copying)
        self._loaded = load_base(self.base, device)
