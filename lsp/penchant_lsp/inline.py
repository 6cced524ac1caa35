"""Answers ``textDocument/inlineCompletion``: guard, pause, ask, filter, offer.

The newest request of a document wins: an older one is cancelled, and with it its stream to the
engine, unless what was typed since is what that stream says. Whatever goes wrong, the answer is an
empty list. Knows nothing of HTTP or of files.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from penchant_core import log
from penchant_core.errors import GatewayError
from penchant_core.show_filter import EXPLORED
from penchant_core.signals import Candidate, Completion
from penchant_lsp.answers import distinct, known, remember, usable
from penchant_lsp.ask import Ask, asked_at
from penchant_lsp.documents import Document
from penchant_lsp.filters.tail import replaced, without_tail
from penchant_lsp.flight import UNCLAIMED_S, Flight
from penchant_lsp.keystroke import Item, Position, item
from penchant_lsp.stopping import concluded, stop

if TYPE_CHECKING:
    from penchant_core.wire import ServedBy
    from penchant_lsp.cache import Hit, Place
    from penchant_lsp.context.gathering import Asked
    from penchant_lsp.session import Parts, Session

ALTERNATIVES_TEMPERATURE = 0.6


class Inline:
    """The feature. ``command_id`` is what the editor runs after an acceptance."""

    def __init__(self, session: "Session", command_id: str) -> None:
        self._session = session
        self._command_id = command_id
        self._running: dict[str, asyncio.Task[list[Item]]] = {}
        self._flights: dict[str, Flight] = {}
        self._served: dict[str, ServedBy] = {}
        self.served_by: ServedBy | None = None
        self.error: str | None = None

    def complete(
        self, document: Document, position: tuple[int, int], *, invoked: bool
    ) -> list[Item] | asyncio.Future[list[Item]]:
        """Return the items for a position if they are known, else what finds them.

        That ends with nothing worse than CancelledError, when the client cancels.
        """
        busy = self._overtake(document.uri)
        parts = self._session.parts
        if parts is None or not self._session.ready.is_set():
            return self._waited(document, self._once_ready(document, position, invoked=invoked))
        came = self._session.clock()
        ask = asked_at(self._session, parts, document, position, invoked=invoked)
        flight = self._claimed(document.uri, ask)
        if ask is None:
            return []
        hit = self._known(parts, ask)
        if hit is not None:
            return self._again(parts, ask, hit, latency_ms=0.0)
        return self._waited(document, self._answer(parts, ask, flight, came, busy=busy))

    async def _once_ready(
        self, document: Document, position: tuple[int, int], *, invoked: bool
    ) -> list[Item]:
        await self._session.ready.wait()
        parts = self._session.parts
        if parts is None:
            return []
        ask = asked_at(self._session, parts, document, position, invoked=invoked)
        if ask is None:
            return []
        return await self._answer(parts, ask, None, self._session.clock(), busy=False)

    def _waited(
        self, document: Document, work: Coroutine[Any, Any, list[Item]]
    ) -> asyncio.Future[list[Item]]:
        task = asyncio.ensure_future(work)
        self._running[document.uri] = task
        outcome = asyncio.ensure_future(self._outcome(document, task))
        outcome.add_done_callback(lambda _: self._dropped(document, task))
        return outcome

    async def _outcome(self, document: Document, task: "asyncio.Task[list[Item]]") -> list[Item]:
        """Return what a question's task finds; nothing if a newer question has taken its place."""
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                if self._running.get(document.uri) is task:  # else a newer question came first
                    self._left_alone(document)
                raise
            return []
        finally:
            if self._running.get(document.uri) is task:
                del self._running[document.uri]

    def _dropped(self, document: Document, task: "asyncio.Task[list[Item]]") -> None:
        """End a question that was cancelled before anybody began to wait for it."""
        if self._running.get(document.uri) is task:
            self._left_alone(document)
            self._overtake(document.uri)

    def cancel(self, uri: str) -> None:
        """Stop what is being asked for a document."""
        self._overtake(uri)
        flight = self._flights.pop(uri, None)
        if flight is not None:
            flight.give_up()

    def _overtake(self, uri: str) -> bool:
        """End the question before this one; return whether it had no word of an answer yet."""
        running, flight = self._running.pop(uri, None), self._flights.get(uri)
        overtaken = running is not None and running.cancel()
        if flight is None or flight.ahead:
            return overtaken
        return not flight.ended and not flight.so_far

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
        self, parts: "Parts", ask: Ask, flight: Flight | None, came: float, *, busy: bool
    ) -> list[Item]:
        """Ask, unless what is under way says it."""
        if flight is not None:
            items = await self._landing(parts, ask, flight)
            if items is not None:
                return items
        if not ask.invoked and not parts.hiding.worth_asking(
            ask.prefix, ask.suffix, ask.document.language, time.time()
        ):
            return []
        looking = self._look_around(parts, ask)
        if not ask.invoked:
            await self._pause(ask, came, busy=busy)
        return await self._fresh(parts, replace(ask, context=await parts.context.found(looking)))

    def _known(self, parts: "Parts", ask: Ask) -> "Hit | None":
        """Return what is known for a place."""
        wanted = parts.config.settings.completion.candidates
        return known(parts.cache, self._place(ask), ask, wanted=wanted)

    def _again(self, parts: "Parts", ask: Ask, hit: "Hit", *, latency_ms: float) -> list[Item]:
        """Offer what is known."""
        found = [each for _, each in hit.candidates]
        return self._offer(parts, replace(ask, context=hit.context), found, latency_ms=latency_ms)

    async def _pause(self, ask: Ask, came: float, *, busy: bool) -> None:
        """Wait as long as fits a key that ``came`` then."""
        wait_s = self._session.wait_s(ask.left, ask.right, busy=busy)
        left_s = came + wait_s - self._session.clock()
        if left_s > 0:
            await asyncio.sleep(left_s)

    def _look_around(self, parts: "Parts", ask: Ask) -> "Asked | None":
        """Begin to look for context, which a pause gives time for."""
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

    async def _fresh(self, parts: "Parts", ask: Ask) -> list[Item]:
        started = time.monotonic()
        self._session.rhythm.asked()
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
        hit = parts.cache.get(self._place(ask))  # what is usable was just put there
        fit = usable(ask, found) if hit is None else [each for _, each in hit.candidates]
        if ask.document.version != ask.version or not fit:
            reason = "filtered" if not fit else "stale"
            shown = fit or found
            if ask.consented:
                parts.tracker.unshown(self._completion(parts, ask, shown, latency_ms), reason)
            self._session.settle()
            return []
        return self._offer(parts, ask, fit, latency_ms=latency_ms)

    async def _landing(self, parts: "Parts", ask: Ask, flight: Flight) -> list[Item] | None:
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
        hit = self._known(parts, ask)
        if hit is None or ask.document.version != ask.version:
            return None
        return self._again(parts, ask, hit, latency_ms=(time.monotonic() - started) * 1000)

    def _claimed(self, uri: str, ask: Ask | None) -> Flight | None:
        """Return the request under way that answers ``ask`` as well; end any other."""
        flight = self._flights.get(uri)
        if flight is None:
            return None
        wanted = ask is not None and not ask.invoked and not flight.ended
        if wanted and ask is not None and flight.claim(ask.origin):
            flight.ahead = False
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
        remember(parts.cache, self._place(ask), ask, found)
        return found

    async def _asked(
        self, parts: "Parts", ask: Ask, heard: Callable[[str], None]
    ) -> list[Candidate]:
        wanted = parts.config.settings.completion.candidates if ask.invoked else 1
        first = self._complete(parts, ask, n=1, temperature=0.0, heard=heard)
        if wanted == 1:
            return await first
        rest = self._complete(parts, ask, n=wanted - 1, temperature=ALTERNATIVES_TEMPERATURE)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_caught(each)) for each in (first, rest)]
        greedy, others = [task.result() for task in tasks]
        if isinstance(greedy, GatewayError):
            raise greedy
        return greedy if isinstance(others, GatewayError) else greedy + others

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

    def _completion(
        self, parts: "Parts", ask: Ask, candidates: list[Candidate], latency_ms: float
    ) -> Completion:
        name = parts.config.settings.developer.name
        served = self._server_of(ask)
        return ask.completion(candidates, served, developer=name, latency_ms=latency_ms)

    def _offer(
        self, parts: "Parts", ask: Ask, candidates: list[Candidate], *, latency_ms: float
    ) -> list[Item]:
        right, around = ask.right, ask.around(cut_off=False)
        fitted = [replace(each, text=without_tail(each.text, around)) for each in candidates]
        fit = distinct([each for each in fitted if each.text.strip()])
        if not fit:
            return []
        over = replaced(fit[0].text, right)
        fit = [each for each in fit if replaced(each.text, right) == over]
        completion = self._completion(parts, ask, fit, latency_ms)
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
        self._look_ahead(parts, ask.after(fit[0].text, over), showing.completion_id)
        span = _span(ask.document, start, start + over)
        return [
            item(each.text, span, self._command_id, showing.completion_id, index)
            for each, index in zip(fit, showing.indices, strict=True)
        ]

    def _look_ahead(self, parts: "Parts", ask: Ask, completion_id: str) -> None:
        """Ask for what follows a suggestion, should it be accepted, once it stands for a moment."""
        if parts.config.settings.completion.look_ahead:
            loop = asyncio.get_running_loop()
            loop.call_later(self._session.rhythm.stand_s, self._ahead, parts, ask, completion_id)

    def _ahead(self, parts: "Parts", ask: Ask, completion_id: str) -> None:
        uri, foresight = ask.document.uri, self._session.foresight
        busy = uri in self._running or uri in self._flights
        if busy or ask.document.version != ask.version:
            return
        worth = foresight.worth
        foresight.stood(completion_id)
        if worth and self._known(parts, ask) is None:
            self._flights[uri] = Flight(
                ask.origin, lambda heard: self._request(parts, ask, heard), ahead=True
            )

    def _hide(self, parts: "Parts", ask: Ask, completion: Completion) -> list[Item]:
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


def _span(document: Document, start: int, end: int) -> tuple[Position, Position]:
    first = document.position(start)
    return first, first if start == end else document.position(end)
