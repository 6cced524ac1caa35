"""While a suggestion is shown, what would follow it is asked for: accepting it costs no wait."""

from collections.abc import Iterator

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

URI = "untitled:Untitled-1"
ON = {"PENCHANT_COMPLETION__LOOK_AHEAD": "true"}
FOLLOWING = {"x = ": "value {", "x = value {": "1, 2}", "x = no": "thing"}


@pytest.fixture
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Editor]]:
    with Gateway() as gateway:
        gateway.texts = lambda request: [FOLLOWING.get(request["prompt"], "call {")]
        with Editor(tmp_path_factory.mktemp("home"), gateway.address, environment=ON) as editor:
            editor.open(URI, "x = ")
            yield gateway, editor
            gateway.mode = "answers"
            assert editor.shutdown() == 0


def asked(gateway: Gateway) -> list[str]:
    return [request["prompt"] for request in gateway.requests]


def test_the_next_suggestion_is_there_when_one_is_accepted(
    session: tuple[Gateway, Editor],
) -> None:
    gateway, editor = session
    [item] = editor.complete(URI, 0, 4)
    assert gateway.wait(lambda: asked(gateway) == ["x = ", "x = value {"])
    editor.insert(URI, 0, 4, item["insertText"])
    assert editor.complete(URI, 0, 11)[0]["insertText"] == "1, 2}"
    assert asked(gateway).count("x = value {") == 1


def test_accepting_before_it_has_come_waits_for_it(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.mode = "spells"
    gateway.letters.release(len("value {"))
    [item] = editor.complete(URI, 0, 4)
    assert gateway.wait(lambda: asked(gateway) == ["x = ", "x = value {"])
    editor.insert(URI, 0, 4, item["insertText"])
    number = editor.ask(URI, 0, 11)
    gateway.letters.release(100)
    assert editor.answer(number)["result"][0]["insertText"] == "1, 2}"
    assert asked(gateway).count("x = value {") == 1


def test_another_key_ends_it(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.mode = "spells"
    gateway.letters.release(len("value {"))
    editor.complete(URI, 0, 4)
    assert gateway.wait(lambda: asked(gateway) == ["x = ", "x = value {"])
    editor.insert(URI, 0, 4, "no")
    number = editor.ask(URI, 0, 6)
    assert gateway.wait(lambda: "x = value {" in gateway.hung_up)
    gateway.letters.release(100)
    assert editor.answer(number)["result"][0]["insertText"] == "thing"


def test_who_accepts_nothing_is_not_looked_ahead_for_until_something_is(
    session: tuple[Gateway, Editor],
) -> None:
    gateway, editor = session
    items = []
    for name in "abcd":
        uri = f"untitled:{name}"
        editor.open(uri, f"{name} = ")
        items += editor.complete(uri, 0, 4)
        assert gateway.wait(lambda name=name: f"{name} = call {{" in asked(gateway))
    [item] = editor.complete(URI, 0, 4)
    assert not gateway.wait(lambda: "x = value {" in asked(gateway), 1.0)
    for each in items[:2]:
        editor.command(each["command"]["command"], *each["command"]["arguments"])
    assert editor.complete(URI, 0, 4) == [item]
    assert gateway.wait(lambda: "x = value {" in asked(gateway))


def test_what_follows_is_not_asked_where_the_engine_ended_the_line(
    session: tuple[Gateway, Editor],
) -> None:
    gateway, editor = session
    [item] = editor.complete(URI, 0, 4)
    assert gateway.wait(lambda: asked(gateway) == ["x = ", "x = value {"])
    editor.insert(URI, 0, 4, item["insertText"])
    assert editor.complete(URI, 0, 11)[0]["insertText"] == "1, 2}"
    editor.insert(URI, 0, 11, "1, 2}")
    assert editor.complete(URI, 0, 16) == []
    assert "x = value {1, 2}" not in asked(gateway)
