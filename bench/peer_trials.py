"""The three things that are measured of every assistant: reply times, typing, held-out positions.

Assistants take turns at every place, in a turning order, so that a busy machine slows all alike. At
each turn the text below the cursor names the one whose turn it is: the model reads it first, so
nobody profits from what the engine computed for somebody else.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.engine_door import Door, quiet
from bench.peer import Peer, PeerFailed
from bench.typing_trace import Passage, right
from penchant_trainer.pretrain.questions import Question
from penchant_trainer.pretrain.scoring import Answer, score

PATIENCE_S = 60.0
LETTERS = 3
"""How many letters of a suggestion are typed in the reply trial."""


@dataclass(slots=True)
class Replies:
    """Milliseconds from the key to the reply."""

    uncached: list[float] = field(default_factory=list)
    cached: list[float] = field(default_factory=list)
    typed: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Typing:
    """What a passage of typing cost, and what was seen of it before the next key."""

    keys: int = 0
    requests: int = 0
    tokens: int = 0
    left: int = 0
    shown: int = 0
    right: int = 0
    seen_ms: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Quality:
    """How near the shown texts are to what stood there."""

    exact: list[float] = field(default_factory=list)
    similarity: list[float] = field(default_factory=list)
    shown: int = 0


class Trials:
    """Runs the trials for ``peers``, whose questions go through ``doors``."""

    def __init__(self, doors: Mapping[str, Door]) -> None:
        self._doors = doors

    async def replies(self, peers: Sequence[Peer], places: Sequence[Question]) -> list[Replies]:
        """Return the reply times of each peer."""
        found = [Replies() for _ in peers]
        for number, place in enumerate(places):
            for turn in _turns(len(peers), number):
                async with self._opened(peers[turn], place, turn, number) as peer:
                    await self._reply(peer, place.prefix[-1], found[turn])
        return found

    async def _reply(self, peer: Peer, key: str, found: Replies) -> None:
        await quiet(self._doors)
        spent, text = await _asked(peer, key)
        found.uncached.append(spent)
        if not text.strip():
            return
        found.cached.append((await _asked(peer))[0])
        await _asked(peer, "q")  # a slip: whatever is shown then, it is taken back
        await quiet(self._doors)
        spent, text = await _asked(peer, None)
        found.back.append(spent)
        line = text.partition("\n")[0]
        for letter in line[: min(LETTERS, len(line) - 1)]:  # some of it stays to be shown
            found.typed.append((await _asked(peer, letter))[0])

    async def typing(self, peers: Sequence[Peer], passages: Sequence[Passage]) -> list[Typing]:
        """Return what the same keys at the same moments cost with each peer."""
        found = [Typing() for _ in peers]
        for number, passage in enumerate(passages):
            for turn in _turns(len(peers), number):
                async with self._opened(peers[turn], passage, turn, number) as peer:
                    await quiet(self._doors)
                    await self._play(peer, passage, found[turn])
        return found

    async def _play(self, peer: Peer, passage: Passage, found: Typing) -> None:
        meter = self._doors[peer.door].meter
        before = meter.copy()
        begun = time.perf_counter()
        asked: list[asyncio.Task[tuple[float, str]]] = []
        for key in passage.keys:
            await asyncio.sleep(begun + key.at_s - time.perf_counter())
            if asked and peer.aborts:
                asked[-1].cancel()
            asked.append(asyncio.create_task(_asked(peer, key.text or None)))
            await asyncio.sleep(0)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        await quiet(self._doors)
        found.keys += len(passage.keys)
        found.requests += meter.requests - before.requests
        found.tokens += meter.tokens - before.tokens
        found.left += meter.left - before.left
        _note_seen(passage, answers, found)

    async def quality(self, peers: Sequence[Peer], places: Sequence[Question]) -> list[Quality]:
        """Return how near each peer's text is to what stood at held-out positions."""
        found = [Quality() for _ in peers]
        for number, place in enumerate(places):
            for turn in _turns(len(peers), number):
                async with self._opened(peers[turn], place, None, number) as peer:
                    _, text = await _asked(peer, place.prefix[-1])
                figures = score(place, Answer(text, ended=True))
                found[turn].exact.append(float(figures.exact))
                found[turn].similarity.append(figures.similarity)
                found[turn].shown += bool(text.strip())
        return found

    @asynccontextmanager
    async def _opened(
        self, peer: Peer, place: Question | Passage, turn: int | None, number: int
    ) -> AsyncIterator[Peer]:
        """Open a place with its last key still to be pressed; ``turn`` marks whose turn it is."""
        mark = "" if turn is None else f"\n# place {number}{'abcdefgh'[turn]}"
        if isinstance(place, Passage):
            before, after = place.before, place.after
        else:
            before, after = place.prefix[:-1], place.suffix
        await peer.open(f"{place.package}/{place.path}", before, mark + after)
        try:
            yield peer
        finally:
            await peer.close()


def _turns(count: int, number: int) -> list[int]:
    return [(number + turn) % count for turn in range(count)]


_SAME = ""


async def _asked(peer: Peer, key: str | None = _SAME) -> tuple[float, str]:
    """Press a key (None: backspace; nothing: none) and ask; return milliseconds and the text."""
    begun = time.perf_counter()
    if key is None:
        peer.back()
    elif key:
        peer.write(key)
    try:
        text = await asyncio.wait_for(peer.ask(), PATIENCE_S)
    except TimeoutError as error:
        raise PeerFailed(f"{peer.name} did not answer within {PATIENCE_S:.0f} s") from error
    return (time.perf_counter() - begun) * 1000, text


def _note_seen(
    passage: Passage, answers: Sequence[tuple[float, str] | BaseException], found: Typing
) -> None:
    """Note the answers that came before the next key."""
    ends = [key.at_s for key in passage.keys[1:]] + [float("inf")]
    for key, end, answer in zip(passage.keys, ends, answers, strict=True):
        if isinstance(answer, asyncio.CancelledError):
            continue
        if isinstance(answer, BaseException):
            raise answer
        spent, text = answer
        if text.strip() and spent < (end - key.at_s) * 1000:
            found.shown += 1
            found.seen_ms.append(spent)
            found.right += right(text, key.rest)
