import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.signals import Candidate
from penchant_lsp.flight import Flight, Origin

START = Origin("file:///a.py", 4, "x = ", "\n")


def at(typed: str, suffix: str = "\n") -> Origin:
    return Origin(START.uri, START.offset + len(typed), START.prefix + typed, suffix)


class Stream:
    """A request whose text comes when the test says so."""

    def __init__(self) -> None:
        self.more: Callable[[str], None] = print
        self.end: asyncio.Future[list[Candidate]] = asyncio.get_running_loop().create_future()

    async def make(self, more: Callable[[str], None]) -> list[Candidate]:
        self.more = more
        return await self.end


@pytest.fixture
async def flown() -> tuple[Stream, Flight]:
    stream = Stream()
    flight = Flight(START, stream.make)
    await asyncio.sleep(0)
    return stream, flight


@pytest.mark.parametrize(
    ("later", "typed"),
    [
        (at(""), ""),
        (at("va"), "va"),
        (at("va", suffix=")\n"), None),
        (Origin("file:///b.py", 6, "x = va", "\n"), None),
        (Origin(START.uri, 2, "x ", "\n"), None),
        (Origin(START.uri, 6, "y = va", "\n"), None),
        (Origin(START.uri, 500, "x = " + "v" * 496, "\n"), None),
    ],
)
def test_what_was_typed_since(later: Origin, typed: str | None) -> None:
    assert START.typed_until(later) == typed


@given(st.text(max_size=300), st.text(max_size=20), st.integers(10, 200))
def test_a_window_that_moves_along_is_the_same_place(text: str, typed: str, window: int) -> None:
    before = Origin("file:///a", len(text), text[-window:], "s")
    whole = text + typed
    after = Origin("file:///a", len(whole), whole[-window:], "s")
    if len(typed) < window and (text or typed):
        assert before.typed_until(after) == typed


async def test_typing_along_keeps_it(flown: tuple[Stream, Flight]) -> None:
    stream, flight = flown
    assert flight.claim(at("va"))  # nothing has come: it may still fit
    stream.more("val")
    assert flight.claim(at("valu"))
    stream.more("value")
    stream.end.set_result([Candidate("value")])
    assert await flight.landed() == [Candidate("value")]


async def test_typing_something_else_does_not_claim_it(flown: tuple[Stream, Flight]) -> None:
    stream, flight = flown
    stream.more("val")
    assert not flight.claim(at("ve"))


async def test_text_that_contradicts_what_was_typed_ends_it(flown: tuple[Stream, Flight]) -> None:
    stream, flight = flown
    assert flight.claim(at("no"))
    stream.more("value")
    with pytest.raises(asyncio.CancelledError):
        await flight.landed()
    assert flight.given_up
    assert not flight.claim(at("no"))


async def test_who_waits_may_leave(flown: tuple[Stream, Flight]) -> None:
    stream, flight = flown
    waiting = asyncio.ensure_future(flight.landed())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not flight.given_up
    stream.end.set_result([Candidate("v")])
    assert await flight.landed() == [Candidate("v")]


async def test_an_error_that_nobody_waits_for_is_silent(flown: tuple[Stream, Flight]) -> None:
    stream, flight = flown
    stream.end.set_exception(ValueError("broken"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="broken"):
        await flight.landed()
