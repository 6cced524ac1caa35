"""Answers ``textDocument/inlineCompletion``: guard, debounce, ask, filter, offer.

The newest request of a document wins: an older one is cancelled, and with it its stream to the
engine, unless what was typed since is what that stream says. Whatever goes wrong, the answer is an
empty list. Knows nothing of HTTP or of files.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types

from penchant_core import log
from penchant_core.errors import GatewayError
from penchant_core.show_filter import EXPLORED
from penchant_core.signals import Candidate, Completion
from penchant_lsp.ask import Ask, asked_at
from penchant_lsp.documents import Document
from penchant_lsp.filters.chain import filtered
from penchant_lsp.filters.tail import replaced, without_tail
from penchant_lsp.flight import UNCLAIMED_S, Flight
from penchant_lsp.stopping import concluded, stop

if TYPE_CHECKING:
    from penchant_core.wire import ServedBy
    from penchant_lsp.cache import Place
    from penchant_lsp.context.gathering import Asked
    from penchant_lsp.session import Parts, Session

ALTERNATIVES_TEMPERATURE = 0.6
STANDS_S = 0.15
"""A suggestion that stands for so long is worth asking what would follow it."""


class Inline:
    """The feature. ``command_id`` is what the editor runs after an acceptance."""

    def __init__(self, session: "Session", command_id: str) -> None:
        self._session = session
        self._command_id = command_id
        self._running: dict[str, asyncio.Task[list[types.InlineCompletionItem]]] = {}
        self._flights: dict[str, Flight] = {}
        self._served: dict[str, ServedBy] = {}
        self.served_by: ServedBy | None = None
        self.error: str | None = None

    async def complete(
        self, document: Document, position: types.Position, *, invoked: bool
    ) -> list[types.InlineCompletionItem]:
        """Return the items for a position; raises only CancelledError, when the client cancels."""
        self._overtake(document.uri)
        task = asyncio.ensure_future(self._answer(document, position, invoked=invoked))
        self._running[document.uri] = task
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                self._left_alone(document)
                raise
            return []  # overtaken by a newer request
        finally:
            if self._running.get(document.uri) is task:
                del self._running[document.uri]

    def cancel(self, uri: str) -> None:
        """Stop what is being asked for a document."""
        self._overtake(uri)
        flight = self._flights.pop(uri, None)
        if flight is not None:
            flight.give_up()

    def _overtake(self, uri: str) -> None:
        running = self._running.pop(uri, None)
        if running is not None:
            running.cancel()

    def _left_alone(self, document: Document) -> None:
        """End a request that the editor has cancelled, at once or when nobody claims it.

        Editors cancel because of a key, and then ask again: if the key says what the stream says,
        the stream is kept for that moment.
        """
        flight = self._flights.get(document.uri)
        if flight is None or not flight.typed_along(document.text):
            self.cancel(document.uri)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(UNCLAIMED_S, self._unclaimed, document.uri, flight)

    def _unclaimed(self, uri: str, flight: Flight) -> None:
        if uri not in self._running and self._flights.get(uri) is flight:
            self.cancel(uri)

    async def _answer(
        self, document: Document, position: types.Position, *, invoked: bool
    ) -> list[types.InlineCompletionItem]:
        await self._session.ready.wait()
        parts = self._session.parts
        ask = (
            None
            if parts is None
            else asked_at(self._session, parts, document, position, invoked=invoked)
        )
        flight = self._claimed(document.uri, ask)
        if parts is None or ask is None:
            return []
        place = self._place(ask)
        at_least = parts.config.settings.completion.candidates if invoked else 1
        hit = parts.cache.get(place, at_least=at_least)
        if hit is not None:
            found = [each for _, each in hit.candidates]
            asked_then = replace(ask, context=hit.context)
            return self._offer(parts, asked_then, found, latency_ms=0.0)
        if flight is not None:
            items = await self._landing(parts, ask, flight)
            if items is not None:
                return items
        if not invoked and not parts.hiding.worth_asking(
            ask.prefix, ask.suffix, document.language, time.time()
        ):
            return []
        looking = self._look_around(parts, ask)
        if not invoked:
            await asyncio.sleep(self._session.pause_s(ask.left, ask.right))
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

    def _place(self, ask: Ask) -> "Place":
        from penchant_lsp.cache import Place

        served = self._server_of(ask)
        who = f"{served.base_model}/{served.adapter}/{served.version}" if served else ""
        return Place(ask.document.uri, ask.prefix, ask.suffix, who)

    def _server_of(self, ask: Ask) -> "ServedBy | None":
        """Return who answers a document: during a trial that is not the same for all."""
        return self._served.get(ask.document.uri, self.served_by)

    def now_served_by(self, served: "ServedBy") -> None:
        """Take note that somebody else answers from now on."""
        self._served.clear()
        self.served_by = served

    async def _fresh(self, parts: "Parts", ask: Ask) -> list[types.InlineCompletionItem]:
        started = time.monotonic()
        flight = Flight(ask.origin, lambda heard: self._request(parts, ask, heard))
        self._flights[ask.document.uri] = flight
        try:
            found = await flight.landed()
        except GatewayError as error:
            self._failed(error)
            return []
        finally:
            self._forget(ask.document.uri, flight)
        latency_ms = (time.monotonic() - started) * 1000
        usable = self._usable(ask, found)
        if ask.document.version != ask.version or not usable:
            reason = "filtered" if not usable else "stale"
            shown = usable or found
            if ask.consented:
                parts.tracker.unshown(self._completion(parts, ask, shown, latency_ms), reason)
            self._session.settle()
            return []
        return self._offer(parts, ask, usable, latency_ms=latency_ms)

    async def _landing(
        self, parts: "Parts", ask: Ask, flight: Flight
    ) -> list[types.InlineCompletionItem] | None:
        """Return what a request that was under way says here; None if it must be asked anew."""
        started = time.monotonic()
        try:
            await flight.landed()
        except GatewayError as error:
            self._failed(error)
            return []
        except asyncio.CancelledError:
            if not flight.given_up:
                raise
            return None
        finally:
            self._forget(ask.document.uri, flight)
        hit = parts.cache.get(self._place(ask))
        if hit is None or ask.document.version != ask.version:
            return None
        found = [each for _, each in hit.candidates]
        latency_ms = (time.monotonic() - started) * 1000
        return self._offer(parts, replace(ask, context=hit.context), found, latency_ms=latency_ms)

    def _usable(self, ask: Ask, found: list[Candidate]) -> list[Candidate]:
        kept = [self._trim(ask, each) for each in found]
        return _distinct([each for each in kept if each.text.strip()])

    def _claimed(self, uri: str, ask: Ask | None) -> Flight | None:
        """Return the request under way that answers ``ask`` as well; end any other."""
        flight = self._flights.get(uri)
        if flight is None:
            return None
        wanted = ask is not None and not ask.invoked and not flight.ended
        if wanted and ask is not None and flight.claim(ask.origin):
            return flight
        flight.give_up()
        del self._flights[uri]
        return None

    def _forget(self, uri: str, flight: Flight) -> None:
        """Let go of a request that has ended."""
        if flight.ended and self._flights.get(uri) is flight:
            del self._flights[uri]

    async def _request(
        self, parts: "Parts", ask: Ask, heard: Callable[[str], None]
    ) -> list[Candidate]:
        """Ask, remember what may be shown, and return all that came.

        One greedy candidate, and on explicit request others beside it.
        """
        found = await self._asked(parts, ask, heard)
        self.error = None
        usable = self._usable(ask, found)
        if usable:
            parts.cache.put(self._place(ask), tuple(usable), ask.context)
        return found

    async def _asked(
        self, parts: "Parts", ask: Ask, heard: Callable[[str], None]
    ) -> list[Candidate]:
        wanted = parts.config.settings.completion.candidates if ask.invoked else 1
        asked = [self._complete(parts, ask, n=1, temperature=0.0, heard=heard)]
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
        self,
        parts: "Parts",
        ask: Ask,
        *,
        n: int,
        temperature: float,
        heard: Callable[[str], None] | None = None,
    ) -> list[Candidate]:
        around = ask.around(cut_off=False)

        def enough(text: str) -> bool:
            if heard is not None:
                heard(text)
            return stop(text, around) is not None

        request = ask.wire(parts.config.settings, n=n, temperature=temperature)
        answer = await parts.gateway.complete(request, enough)
        if answer.served_by is not None:
            self.served_by = self._served[ask.document.uri] = answer.served_by
        return [concluded(each, around, late=answer.late) for each in answer.candidates]

    def _trim(self, ask: Ask, candidate: Candidate) -> Candidate:
        around = ask.around(cut_off=candidate.finish_reason == "length")
        text = filtered(candidate.text, around)
        return replace(candidate, text=text)

    def _completion(
        self, parts: "Parts", ask: Ask, candidates: list[Candidate], latency_ms: float
    ) -> Completion:
        name = parts.config.settings.developer.name
        served = self._server_of(ask)
        return ask.completion(candidates, served, developer=name, latency_ms=latency_ms)

    def _offer(
        self, parts: "Parts", ask: Ask, candidates: list[Candidate], *, latency_ms: float
    ) -> list[types.InlineCompletionItem]:
        right, around = ask.right, ask.around(cut_off=False)
        fitted = [replace(each, text=without_tail(each.text, around)) for each in candidates]
        usable = _distinct([each for each in fitted if each.text.strip()])
        if not usable:
            return []
        over = replaced(usable[0].text, right)
        usable = [each for each in usable if replaced(each.text, right) == over]
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
        self._look_ahead(parts, ask.after(usable[0].text, over))
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

    def _look_ahead(self, parts: "Parts", ask: Ask) -> None:
        """Ask for what follows a suggestion, should it be accepted, once it stands for a moment."""
        if parts.config.settings.completion.look_ahead:
            loop = asyncio.get_running_loop()
            loop.call_later(STANDS_S, self._ahead, parts, ask)

    def _ahead(self, parts: "Parts", ask: Ask) -> None:
        uri = ask.document.uri
        busy = uri in self._running or uri in self._flights
        if busy or ask.document.version != ask.version or parts.cache.get(self._place(ask)):
            return
        self._flights[uri] = Flight(ask.origin, lambda heard: self._request(parts, ask, heard))

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
