"""A withdrawn version: never promoted or loaded again, its card kept without content."""

from collections.abc import Callable

import pytest

from penchant_core.adapters import AdapterStore
from penchant_core.card import seal_holds
from penchant_core.errors import AdapterError, AdapterRejected
from penchant_core.tombstones import TOMBSTONE

Publish = Callable[..., str]


def test_a_withdrawn_version_cannot_come_back(adapters: AdapterStore, publish: Publish) -> None:
    name = publish()
    adapters.promote("dev/ada", name)
    (gone,) = adapters.withdraw("dev/ada", [name], reason="it was erased")
    assert adapters.live("dev/ada") is None
    for attempt in (
        lambda: adapters.promote("dev/ada", name),
        lambda: adapters.verify_files(gone),
        lambda: adapters.roll_back("dev/ada"),
    ):
        with pytest.raises(AdapterError):
            attempt()
    with pytest.raises(AdapterRejected, match="it was erased"):
        adapters.verify_files(gone)
    assert adapters.withdraw("dev/ada", [name], reason="again") == []
    assert publish() == "v0002", "its number is not given out again"


def test_what_was_live_before_comes_back(adapters: AdapterStore, publish: Publish) -> None:
    first, second, third, fourth = (publish() for _ in range(4))
    for name in (second, first, third):
        adapters.promote("dev/ada", name)
    adapters.withdraw("dev/ada", [third], reason="")
    assert adapters.pointer("dev/ada").version == first
    assert adapters.roll_back("dev/ada").version == second
    adapters.withdraw("dev/ada", [first, second], reason="")
    assert adapters.pointer("dev/ada").version == fourth, "the newest that is left"
    adapters.withdraw("dev/ada", [fourth], reason="")
    assert adapters.pointer("dev/ada").version is None


def test_a_version_that_is_not_live_leaves_the_pointer(
    adapters: AdapterStore, publish: Publish
) -> None:
    first, second = publish(), publish()
    adapters.promote("dev/ada", first)
    adapters.promote("dev/ada", second)
    adapters.withdraw("dev/ada", [first], reason="")
    pointer = adapters.pointer("dev/ada")
    assert (pointer.version, pointer.previous) == (second, [None])


def test_a_changed_version_does_not_come_back(adapters: AdapterStore, publish: Publish) -> None:
    first, second = publish(), publish()
    for name in (first, second):
        adapters.promote("dev/ada", name)
    weights = adapters.get("dev/ada", first).path / "adapter_model.safetensors"
    weights.chmod(0o600)
    weights.write_bytes(weights.read_bytes() + b"x")
    adapters.withdraw("dev/ada", [second], reason="")
    assert adapters.pointer("dev/ada").version is None


def test_a_withdrawal_that_was_killed_half_way_is_finished(
    adapters: AdapterStore, publish: Publish
) -> None:
    name = publish()
    adapters.promote("dev/ada", name)
    (adapters.get("dev/ada", name).path / TOMBSTONE).write_text('{"at": 1')  # torn, and no pointer
    assert adapters.get("dev/ada", name).tombstone is not None
    adapters.withdraw("dev/ada", [name], reason="")
    assert adapters.pointer("dev/ada").version is None


def test_burying_keeps_a_card_without_content(adapters: AdapterStore, publish: Publish) -> None:
    name = publish(
        signal_ids=["canary"],
        data={"canary": 1},
        evaluation={"canary": 2},
        reasons=["canary"],
        contributors=["ada"],
    )
    with pytest.raises(AdapterError, match="not withdrawn"):
        adapters.bury(adapters.get("dev/ada", name))
    (gone,) = adapters.withdraw("dev/ada", [name], reason="it was erased")
    assert [v.version for v in adapters.unburied()] == [name]
    assert (gone.path / "adapter_model.safetensors").exists(), "an engine may have it loaded"
    adapters.bury(gone)
    adapters.bury(gone)
    assert adapters.unburied() == []
    assert {path.name for path in gone.path.iterdir()} == {"card.json", TOMBSTONE}
    assert all(b"canary" not in path.read_bytes() for path in gone.path.iterdir())
    kept = adapters.get("dev/ada", name)
    assert kept.card.contributors == ["ada"]
    assert kept.tombstone and kept.tombstone.reason == "it was erased" and kept.tombstone.at > 0
    assert seal_holds((gone.path / "card.json").read_bytes())


def test_collecting_counts_only_what_can_serve(adapters: AdapterStore, publish: Publish) -> None:
    names = [publish() for _ in range(4)]
    adapters.withdraw("dev/ada", names[2:], reason="")
    assert adapters.collect("dev/ada", keep=2) == []
    assert adapters.names("dev/ada") == names


def test_an_unreadable_pointer_is_no_obstacle(adapters: AdapterStore, publish: Publish) -> None:
    name = publish()
    (adapters.base / "dev/ada" / "live.json").write_text("{")
    assert [v.version for v in adapters.withdraw("dev/ada", [name], reason="")] == [name]
