"""The real server ends an answer's stream as soon as what has come is the whole of it."""

from collections.abc import Iterator
from itertools import count

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

_numbers = count()


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Editor]]:
    with (
        Gateway("value") as gateway,
        Editor(
            tmp_path_factory.mktemp("home"),
            gateway.address,
            environment={"PENCHANT_COMPLETION__DEADLINE_MS": "2500"},
        ) as editor,
    ):
        editor.open("untitled:warm", "warm = ")
        assert editor.complete("untitled:warm", 0, 7)
        yield gateway, editor
        assert editor.shutdown() == 0


def _asked(gateway: Gateway, editor: Editor, before: str, after: str, says: str, come: str) -> str:
    """What is shown, when the engine would say ``says``, and ``come`` of it has come."""
    assert says.startswith(come)
    gateway.mode, gateway.texts = "spells", lambda _: [says]
    gateway.hung_up.clear()
    while gateway.letters.acquire(blocking=False):
        pass
    uri = f"untitled:{next(_numbers)}"
    editor.open(uri, before + after)
    lines = before.split("\n")
    number = editor.ask(uri, len(lines) - 1, len(lines[-1]))
    gateway.letters.release(len(come))
    items = editor.answer(number)["result"]
    assert gateway.wait(lambda: gateway.hung_up == [before]), "the engine goes on"
    return items[0]["insertText"] if items else ""


ENDED = [
    ("def f(x):\n    ", "\n", "return x\ndef g():\n    pass\n", "return x\nd", "return x"),
    ("s = {", "\n", "\n    1: 2,\n}\nmore = 1\n", "\n    1: 2,\n}\n", "\n    1: 2,\n}"),
    ("a = 1\n", "\nreturn total\n", "b = 2\nreturn total\nc", "b = 2\nreturn total\n", "b = 2"),
    ("\n", "\n", "a = 1\n\n\nb = 2\nc = 3", "a = 1\n\n\n", "a = 1"),
]


@pytest.mark.parametrize(("before", "after", "says", "come", "shown"), ENDED)
def test_the_engine_is_stopped_and_what_is_there_is_shown(
    session: tuple[Gateway, Editor], before: str, after: str, says: str, come: str, shown: str
) -> None:
    assert _asked(*session, before, after, says, come) == shown


def test_at_the_deadline_whole_lines_are_shown(session: tuple[Gateway, Editor]) -> None:
    says = "a = 1\nb = 22\nc = 333\n"
    assert _asked(*session, "x = 0\n", "\n", says, "a = 1\nb = 22\nc = 3") == "a = 1\nb = 22"


def test_at_the_deadline_a_line_is_shown_as_far_as_it_came(session: tuple[Gateway, Editor]) -> None:
    assert _asked(*session, "y = ", "\n", "compute(1, 2)\n", "compu") == "compu"
