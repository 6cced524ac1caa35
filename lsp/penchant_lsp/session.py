"""What one editor's session consists of: settings, gateway, cache, tracker, recorder.

Built in the background once ``initialize`` has been answered, because reading settings and opening
clients costs time that the editor should not wait for. Until then there are no suggestions. Knows
nothing of the protocol's messages.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penchant_core import log
from penchant_core.errors import PenchantError
from penchant_lsp.foresight import Foresight
from penchant_lsp.habit import Habit
from penchant_lsp.rhythm import Rhythm

if TYPE_CHECKING:
    from penchant_core.config import Config
    from penchant_core.questions import Question
    from penchant_core.signals import Completion, Outcome
    from penchant_lsp.cache import Cache
    from penchant_lsp.context.gathering import Gathering
    from penchant_lsp.documents import Document
    from penchant_lsp.gateway import Gateway
    from penchant_lsp.hiding import Hiding
    from penchant_lsp.permission import Permission
    from penchant_lsp.recorder import Recorder
    from penchant_lsp.tracker import Tracker


@dataclass(slots=True)
class Parts:
    """Everything that needs the settings."""

    config: "Config"
    gateway: "Gateway"
    cache: "Cache"
    tracker: "Tracker"
    permission: "Permission"
    recorder: "Recorder"
    hiding: "Hiding"
    context: "Gathering"


@dataclass(slots=True)
class EditorSettings:
    """What the editor says about completions; None leaves the user's own settings in force."""

    enabled: bool | None = None
    languages: dict[str, bool] = field(default_factory=dict)
    debounce_ms: int | None = None

    def take(self, settings: object) -> None:
        """Read the ``settings`` object of a client; what does not fit is passed over."""
        if not isinstance(settings, Mapping):
            return
        enabled, languages = settings.get("enabled"), settings.get("languages")
        debounce = settings.get("debounceMs")
        if isinstance(enabled, bool):
            self.enabled = enabled
        if isinstance(languages, Mapping):
            self.languages = {str(k): v for k, v in languages.items() if isinstance(v, bool)}
        if isinstance(debounce, int) and not isinstance(debounce, bool):
            self.debounce_ms = min(max(debounce, 0), 2000)


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether anybody looks: the window's focus, and the documents in view (None: not told)."""

    focused: bool = True
    visible: frozenset[str] | None = None

    def unseen(self, uri: object) -> bool:
        """Whether what is shown in a document now is seen by nobody."""
        hidden = self.visible is not None and isinstance(uri, str) and uri not in self.visible
        return not self.focused or hidden


class Session:
    """The state of one conversation. Lives on the event loop; ``build`` runs on a thread."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.parts: Parts | None = None
        self.error: str | None = None
        self.editor = EditorSettings()
        self.folders: list[Path] = []
        self.last_path: Path | None = None
        self.trusted = True
        self.paused = False
        self.shown = 0
        self.accepted = 0
        self.last_completion: tuple[str, int] | None = None
        self.clock = time.monotonic
        self.typed_at = self.clock()
        self.rhythm = Rhythm(self.clock)
        self.habit = Habit(self.clock)
        self.foresight = Foresight(self.clock)
        self.presence = Presence()
        self.question: Question | None = None

    def options(self, options: object) -> None:
        """Read the client's ``initializationOptions``."""
        if not isinstance(options, Mapping):
            return
        self.trusted = options.get("workspaceTrusted") is not False
        self.editor.take(options.get("settings"))

    def build(self) -> None:
        """Import what is heavy and make the parts. Raises PenchantError."""
        from penchant_core.config import load
        from penchant_core.consent import ConsentRecord
        from penchant_lsp.cache import Cache
        from penchant_lsp.context import gathering
        from penchant_lsp.gateway import Gateway
        from penchant_lsp.hiding import Hiding
        from penchant_lsp.permission import Permission
        from penchant_lsp.recorder import Recorder
        from penchant_lsp.tracker import Tracker

        config = load()
        settings = config.settings
        permission = Permission(ConsentRecord(config.paths.consent_file))
        permission.trusted = self.trusted
        import_heavy()
        gateway = Gateway(settings.gateway.address, deadline_ms=settings.completion.deadline_ms)
        gateway.warm()
        self.parts = Parts(
            config,
            gateway,
            Cache(time.monotonic),
            Tracker(settings.tracker),
            permission,
            Recorder(
                config.paths.signal_log(settings.developer.name),
                permission,
                ignore=settings.signals.ignore,
                room=settings.signals.queue,
                retention_days=settings.signals.retention_days,
            ),
            Hiding(
                config.paths.show_filter(settings.developer.name),
                enabled=settings.completion.show_filter,
                exploration=settings.completion.exploration,
            ),
            gathering.of_session(config, permission, lambda: self.folders),
        )

    async def warm(self, documents: Mapping[str, "Document"]) -> None:
        """Build the parts without blocking the loop, then follow the documents open by now."""
        try:
            await asyncio.to_thread(self.build)
        except PenchantError as error:
            self.error = str(error)
            log.failure("settings not usable", error)
        if self.parts is not None:
            for uri, document in documents.items():
                if self.follows(document):
                    self.parts.tracker.open(uri, document.text, self.clock())
                    self.parts.context.changed(document)
        self.ready.set()

    def follows(self, document: "Document") -> bool:
        """Whether a document is small enough for suggestions, their outcomes and context."""
        if self.parts is None or not document.held:
            return False
        return len(document) <= self.parts.config.settings.completion.max_document_chars

    def completes(self, language: str, root: Path | None) -> bool:
        """Whether suggestions are wanted for a language in a workspace."""
        if self.parts is None or self.paused:
            return False
        settings = self.parts.config.settings.completion
        # Editors send their defaults as if somebody had chosen them, so each side can only say no.
        enabled = settings.enabled and self.editor.enabled is not False
        if not enabled or not (
            _wanted(settings.languages, language) and _wanted(self.editor.languages, language)
        ):
            return False
        if root is None:
            return True
        limits = self.parts.permission.limits(root)
        return limits.enabled and language not in limits.languages_off

    def typed(self) -> None:
        """Note that the developer is typing now."""
        self.typed_at = self.clock()
        self.rhythm.typed()

    def wait_s(self, left: str, right: str, *, busy: bool) -> float:
        """Return how long to wait before asking at a place of a line, in seconds.

        ``busy``: something was being asked when the key came.
        """
        if self.parts is None:
            return 0.0
        settings = self.parts.config.settings.completion
        own = self.editor.debounce_ms
        base_s = (settings.debounce_ms if own is None else own) / 1000
        if not settings.adaptive:
            return base_s
        return self.rhythm.wait_s(base_s, left, right, busy=busy)

    def settle(self) -> None:
        """Hand what the tracker has settled to the recorder."""
        if self.parts is None:
            return
        for settled in self.parts.tracker.drain():
            self.parts.recorder.put(settled)
            self.parts.hiding.note(settled)
            if settled.outcome is not None:
                self._learn(settled.completion, settled.outcome)
        for found in self.parts.tracker.survivals():
            self.parts.recorder.put(found)

    def _learn(self, completion: "Completion", outcome: "Outcome") -> None:
        self.rhythm.note(outcome.kind, dismissed="dismissed" in outcome.flags)
        self.habit.note(completion, outcome)
        self.foresight.note(completion.id, outcome.kind)


def import_heavy() -> None:
    """Import what settling an outcome needs, so that the first one does not cost a keystroke."""
    import rapidfuzz.distance

    _ = rapidfuzz


def _wanted(languages: Mapping[str, Any], language: str) -> bool:
    return languages.get(language, languages.get("*", True)) is not False
