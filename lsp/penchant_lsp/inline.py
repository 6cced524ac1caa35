"""Answers ``textDocument/inlineCompletion``: guard, debounce, ask, trim, offer.

The newest request of a document wins: an older one is cancelled, and with it its stream to the
engine. Whatever goes wrong, the answer is an empty list. Knows nothing of HTTP or of files.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from penchant_core import log
from penchant_core.errors import GatewayError
from penchant_core.show_filter import EXPLORED
from penchant_core.signals import Candidate, Completion, Snippet
from penchant_core.text import well_formed
from penchant_lsp import trims
from penchant_lsp.documents import Document

if TYPE_CHECKING:
    from penchant_core.wire import CompletionRequest, ServedBy
    from penchant_lsp.cache import Place
    from penchant_lsp.context.gathering import Asked
    from penchant_lsp.session import Parts, Session

MAX_PROMPT_CHARS = 64_000
ALTERNATIVES_TEMPERATURE = 0.6


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, as it was when it was made."""

    document: Document
    version: int
    line: int
    character: int
    invoked: bool
    offset: int
    prefix: str
    suffix: str
    left: str
    right: str
    root: Path | None
    path: str
    workspace: str
    consented: bool
    context: tuple[Snippet, ...] = ()

    @property
    def many(self) -> bool:
        """Whether the completion may have several lines."""
        return trims.multi_line(self.left, self.right)

    @property
    def below(self) -> str:
        """The lines under the cursor's line."""
        return self.suffix.partition("\n")[2]


class Inline:
    """The feature. ``command_id`` is what the editor runs after an acceptance."""

    def __init__(self, session: "Session", command_id: str) -> None:
        self._session = session
        self._command_id = command_id
        self._running: dict[str, asyncio.Task[list[types.InlineCompletionItem]]] = {}
        self.served_by: ServedBy | None = None
        self.error: str | None = None

    async def complete(
        self, document: Document, position: types.Position, *, invoked: bool
    ) -> list[types.InlineCompletionItem]:
        """Return the items for a position; raises only CancelledError, when the client cancels."""
        self.cancel(document.uri)
        task = asyncio.ensure_future(self._answer(document, position, invoked=invoked))
        self._running[document.uri] = task
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return []  # overtaken by a newer request
        finally:
            if self._running.get(document.uri) is task:
                del self._running[document.uri]

    def cancel(self, uri: str) -> None:
        """Stop what is being asked for a document."""
        running = self._running.pop(uri, None)
        if running is not None:
            running.cancel()

    async def _answer(
        self, document: Document, position: types.Position, *, invoked: bool
    ) -> list[types.InlineCompletionItem]:
        await self._session.ready.wait()
        parts = self._session.parts
        ask = None if parts is None else self._ask(parts, document, position, invoked=invoked)
        if parts is None or ask is None:
            return []
        place = self._place(ask)
        at_least = parts.config.settings.completion.candidates if invoked else 1
        hit = parts.cache.get(place, at_least=at_least)
        if hit is not None:
            found = [each for _, each in hit.candidates]
            asked_then = replace(ask, context=hit.context)
            return self._offer(parts, asked_then, found, latency_ms=0.0)
        if not invoked and not parts.hiding.worth_asking(
            ask.prefix, ask.suffix, document.language, time.time()
        ):
            return []
        looking = self._look_around(parts, ask)
        if not invoked:
            await asyncio.sleep(self._session.debounce_s)
        return await self._fresh(parts, replace(ask, context=await parts.context.found(looking)))

    def _look_around(self, parts: "Parts", ask: Ask) -> "Asked | None":
        """Begin to look for context, which the debounce gives time for."""
        return parts.context.ask(
            ask.document,
            ask.prefix,
            ask.suffix,
            ask.line,
            workspace=ask.workspace if ask.consented else "",
            window=self.served_by.window if self.served_by else None,
        )

    def _ask(
        self, parts: "Parts", document: Document, position: types.Position, *, invoked: bool
    ) -> Ask | None:
        from penchant_lsp.permission import file_path, relative, root_of

        path = file_path(document.uri)
        root = root_of(path, self._session.folders)
        settings = parts.config.settings.completion
        if not self._session.completes(document.language, root):
            return None
        if len(document) > settings.max_document_chars:
            return None
        workspace = "" if root is None else parts.permission.workspace(root)
        consented = bool(workspace) and parts.permission.records(workspace)
        if consented:
            parts.recorder.prepare()
        before = min(settings.prefix_chars, MAX_PROMPT_CHARS)
        after = min(settings.suffix_chars, MAX_PROMPT_CHARS)
        prefix, suffix, left, right = document.around(
            position.line, position.character, before, after
        )
        return Ask(
            document=document,
            version=document.version,
            line=position.line,
            character=position.character,
            invoked=invoked,
            offset=document.offset(position.line, position.character),
            prefix=well_formed(prefix),
            suffix=well_formed(suffix),
            left=left,
            right=right,
            root=root,
            path=relative(path, root),
            workspace=workspace,
            consented=consented,
        )

    def _place(self, ask: Ask) -> "Place":
        from penchant_lsp.cache import Place

        served = self.served_by
        who = f"{served.base_model}/{served.adapter}/{served.version}" if served else ""
        return Place(ask.document.uri, ask.prefix, ask.suffix, who)

    async def _fresh(self, parts: "Parts", ask: Ask) -> list[types.InlineCompletionItem]:
        started = time.monotonic()
        try:
            found = await self._request(parts, ask)
        except GatewayError as error:
            self._failed(error)
            return []
        self.error = None
        latency_ms = (time.monotonic() - started) * 1000
        kept = [self._trim(ask, each) for each in found]
        usable = _distinct([each for each in kept if each.text.strip()])
        if ask.document.version != ask.version or not usable:
            reason = "filtered" if not usable else "stale"
            shown = usable or found
            if ask.consented:
                parts.tracker.unshown(self._completion(parts, ask, shown, latency_ms), reason)
            self._session.settle()
            return []
        parts.cache.put(self._place(ask), tuple(usable), ask.context)
        return self._offer(parts, ask, usable, latency_ms=latency_ms)

    async def _request(self, parts: "Parts", ask: Ask) -> list[Candidate]:
        """Return the greedy candidate, and on explicit request others beside it."""
        wanted = parts.config.settings.completion.candidates if ask.invoked else 1
        asked = [self._complete(parts, ask, n=1, temperature=0.0)]
        if wanted > 1:
            asked.append(
                self._complete(parts, ask, n=wanted - 1, temperature=ALTERNATIVES_TEMPERATURE)
            )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_caught(each)) for each in asked]
        greedy, *others = [task.result() for task in tasks]
        if isinstance(greedy, GatewayError):
            raise greedy
        more = [each for other in others if not isinstance(other, GatewayError) for each in other]
        return greedy + more

    async def _complete(
        self, parts: "Parts", ask: Ask, *, n: int, temperature: float
    ) -> list[Candidate]:
        def enough(text: str) -> bool:
            return not ask.many and "\n" in text

        request = self._wire(parts, ask, n=n, temperature=temperature)
        answer = await parts.gateway.complete(request, enough)
        self.served_by = answer.served_by or self.served_by
        return answer.candidates

    def _wire(self, parts: "Parts", ask: Ask, *, n: int, temperature: float) -> "CompletionRequest":
        from penchant_core.wire import CompletionRequest, ContextSnippet, PenchantRequest

        settings = parts.config.settings
        return CompletionRequest(
            prompt=ask.prefix,
            suffix=ask.suffix,
            max_tokens=settings.completion.max_tokens,
            n=n,
            temperature=temperature,
            stop=None if ask.many else ["\n"],
            logprobs=1,
            stream=True,
            penchant=PenchantRequest(
                language=ask.document.language[:64],
                path=well_formed(ask.path)[-1024:],
                context=[
                    ContextSnippet(path=each.path, text=each.text, why=each.why)
                    for each in ask.context
                ],
                developer=settings.developer.name,
            ),
        )

    def _trim(self, ask: Ask, candidate: Candidate) -> Candidate:
        text = trims.trimmed(
            candidate.text, left=ask.left, right=ask.right, below=ask.below, many=ask.many
        )
        return Candidate(text, candidate.logprob, candidate.finish_reason)

    def _completion(
        self, parts: "Parts", ask: Ask, candidates: list[Candidate], latency_ms: float
    ) -> Completion:
        served = self.served_by
        return Completion(
            id=uuid.uuid4().hex,
            at=time.time(),
            developer=parts.config.settings.developer.name,
            workspace=ask.workspace if ask.consented else "",
            path=ask.path,
            language=ask.document.language,
            prefix=ask.prefix,
            suffix=ask.suffix,
            candidates=tuple(candidates),
            shown=0,
            context=ask.context,
            trigger="invoked" if ask.invoked else "automatic",
            latency_ms=round(latency_ms, 2),
            base_fingerprint=served.base_fingerprint if served else "",
            adapter=served.adapter if served else None,
            version=served.version if served else None,
        )

    def _offer(
        self, parts: "Parts", ask: Ask, candidates: list[Candidate], *, latency_ms: float
    ) -> list[types.InlineCompletionItem]:
        right = ask.right
        fitted = [
            Candidate(trims.without_tail(each.text, right), each.logprob, each.finish_reason)
            for each in candidates
        ]
        usable = _distinct([each for each in fitted if each.text.strip()])
        if not usable:
            return []
        over = trims.replaced(usable[0].text, right)
        usable = [each for each in usable if trims.replaced(each.text, right) == over]
        completion = self._completion(parts, ask, usable, latency_ms)
        # What is stored reads on: prefix, candidate and suffix make the text that was offered.
        completion = replace(completion, suffix=completion.suffix[over:])
        start, now = ask.offset, self._session.clock()
        place = (ask.document.uri, start, start + over)
        shown_already = parts.tracker.showing(*place, completion)
        verdict = "show" if shown_already else parts.hiding.verdict(completion)
        if verdict == "hide":
            return self._hide(parts, ask, completion)
        flags = (EXPLORED,) if verdict == "explore" else ()
        showing = parts.tracker.offer(*place, completion, now, flags=flags)
        if showing.completion_id == completion.id:
            self._session.shown += 1
        self._session.last_completion = (showing.completion_id, showing.indices[0])
        where = _range(ask.document, ask.line, start, start + over)
        return [
            types.InlineCompletionItem(
                insert_text=each.text,
                range=where,
                command=types.Command(
                    "Accepted",
                    self._command_id,
                    arguments=[showing.completion_id, index],
                ),
            )
            for each, index in zip(usable, showing.indices, strict=True)
        ]

    def _hide(
        self, parts: "Parts", ask: Ask, completion: Completion
    ) -> list[types.InlineCompletionItem]:
        """Show nothing, and note once that this was kept back."""
        if parts.hiding.first_time(completion) and ask.consented:
            parts.tracker.unshown(completion, "hidden")
            self._session.settle()
        return []

    def _failed(self, error: GatewayError) -> None:
        if self.error != str(error):
            log.failure("no completion", error)
        self.error = str(error)


async def _caught(asked: Awaitable[list[Candidate]]) -> list[Candidate] | GatewayError:
    try:
        return await asked
    except GatewayError as error:
        return error


def _range(document: Document, line: int, start: int, end: int) -> types.Range:
    first = types.Position(*document.position(start))
    return types.Range(first, first if start == end else types.Position(*document.position(end)))


def _distinct(candidates: list[Candidate]) -> list[Candidate]:
    first: dict[str, Candidate] = {}
    for each in candidates:
        first.setdefault(each.text, each)
    return list(first.values())
