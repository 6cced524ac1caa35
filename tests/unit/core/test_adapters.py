"""Publishing, promoting, rolling back, collecting and verifying versions."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from samples import SHAPES, make_card, write_adapter

from penchant_core.adapters import LIVE, AdapterStore
from penchant_core.card import Card
from penchant_core.errors import AdapterError, AdapterMismatch, AdapterNotFound, AdapterRejected

Publish = Callable[..., str]
OWNER = "dev/ada"


def test_a_published_version_is_whole_and_not_live(
    adapters: AdapterStore, publish: Publish
) -> None:
    assert publish() == "v0001"
    found = adapters.get(OWNER, "v0001")
    assert found.engine_name == "dev-ada-v0001"
    assert found.card.base_fingerprint == adapters.fingerprint
    assert (found.card.rank, found.card.alpha, found.card.targets) == (
        2,
        4.0,
        ["q_proj", "up_proj"],
    )
    assert set(found.card.files) == {"adapter_config.json", "adapter_model.safetensors"}
    assert adapters.live(OWNER) is None
    assert adapters.owners() == [OWNER]
    assert not list((adapters.base / ".staging").iterdir())
    adapters.verify_files(found)


def test_what_breaks_a_rule_is_not_published(adapters: AdapterStore) -> None:
    with adapters.staging(OWNER) as staged:
        write_adapter(staged, use_dora=True)
        with pytest.raises(AdapterRejected):
            adapters.publish(staged, make_card(), shapes=SHAPES)
        with pytest.raises(AdapterRejected):
            adapters.publish(staged / "nowhere", make_card(), shapes=SHAPES)
        write_adapter(staged)
        with pytest.raises(AdapterMismatch):
            adapters.publish(staged, make_card(), shapes={})
    assert adapters.versions(OWNER) == []


def test_promote_and_roll_back(adapters: AdapterStore, publish: Publish) -> None:
    first, second = publish(), publish()
    adapters.promote(OWNER, first)
    adapters.promote(OWNER, second, reason="better")
    assert adapters.pointer(OWNER).reason == "better"
    adapters.promote(OWNER, second)  # again: nothing new to roll back to
    assert adapters.roll_back(OWNER).version == first
    assert adapters.roll_back(OWNER).version is None
    assert adapters.live(OWNER) is None
    with pytest.raises(AdapterNotFound, match="nothing to roll back"):
        adapters.roll_back(OWNER)
    adapters.promote(OWNER, second)
    adapters.promote(OWNER, None)
    live = adapters.live(OWNER)
    assert live is None
    assert adapters.roll_back(OWNER).version == second


def test_rolling_back_skips_what_is_gone(adapters: AdapterStore, publish: Publish) -> None:
    names = [publish() for _ in range(4)]
    for name in names:
        adapters.promote(OWNER, name)
    for name in names[1:3]:
        for file in adapters.get(OWNER, name).path.iterdir():
            file.unlink()
    assert adapters.roll_back(OWNER).version == names[0]


@pytest.mark.parametrize("owner", ["ada", "dev/", "dev/../x", "root/ada", "dev/Ada", "dev/a/b", ""])
def test_odd_owners(adapters: AdapterStore, owner: str) -> None:
    for ask in (adapters.pointer, adapters.versions, adapters.live, adapters.roll_back):
        with pytest.raises(AdapterNotFound):
            ask(owner)


@pytest.mark.parametrize("version", ["1", "v1", "../v0001", "v0001/", "V0001", "v00a1", ""])
def test_odd_versions(adapters: AdapterStore, publish: Publish, version: str) -> None:
    publish()
    with pytest.raises(AdapterNotFound):
        adapters.get(OWNER, version)
    with pytest.raises(AdapterNotFound):
        adapters.promote(OWNER, version)


def test_a_missing_version(adapters: AdapterStore) -> None:
    with pytest.raises(AdapterNotFound, match="adapters list"):
        adapters.get(OWNER, "v0001")


@pytest.mark.parametrize(
    "text", ["", "{", "null", '{"version": []}', "[" * 100_000, '{"version": 3}', "\x00"],
    ids=range(7),
)  # fmt: skip
def test_unreadable_cards_and_pointers(adapters: AdapterStore, publish: Publish, text: str) -> None:
    adapters.promote(OWNER, publish())
    folder = adapters.base / OWNER
    (folder / LIVE).write_text(text)
    with pytest.raises(AdapterError):
        adapters.live(OWNER)
    card = folder / "v0001" / "card.json"
    card.chmod(0o600)
    card.write_text(text)
    with pytest.raises(AdapterRejected, match="card"):
        adapters.get(OWNER, "v0001")
    assert adapters.versions(OWNER) == []
    assert adapters.names(OWNER) == ["v0001"]


def test_a_pointer_to_somewhere_else(adapters: AdapterStore) -> None:
    folder = adapters.base / OWNER
    folder.mkdir(parents=True)
    (folder / LIVE).write_text('{"version": "../../evil"}')
    with pytest.raises(AdapterNotFound):
        adapters.live(OWNER)


def test_a_card_of_another_adapter(adapters: AdapterStore, publish: Publish) -> None:
    publish()
    publish()
    folder = adapters.base / OWNER
    (folder / "v0002" / "card.json").chmod(0o600)
    (folder / "v0002" / "card.json").write_bytes((folder / "v0001" / "card.json").read_bytes())
    with pytest.raises(AdapterRejected, match="another adapter"):
        adapters.get(OWNER, "v0002")


def test_every_single_byte_mutation_is_detected(adapters: AdapterStore, publish: Publish) -> None:
    version = publish(signal_ids=["s1", "s2"], data={"pairs": 3}, reasons=["it won"])
    folder = adapters.get(OWNER, version).path
    files = sorted(folder.iterdir())
    dice = random.Random(3)
    missed = []
    for number in range(600):
        path = files[number % len(files)]
        whole = path.read_bytes()
        place = dice.randrange(len(whole))
        changed = bytearray(whole)
        changed[place] ^= dice.randrange(1, 256)
        path.chmod(0o600)
        path.write_bytes(changed)
        try:
            adapters.verify_files(adapters.get(OWNER, version))
        except AdapterError:
            pass
        else:
            missed.append((path.name, place))
        path.write_bytes(whole)
    assert missed == []
    adapters.verify_files(adapters.get(OWNER, version))


def test_changed_versions_are_not_promoted(adapters: AdapterStore, publish: Publish) -> None:
    version = publish()
    (adapters.get(OWNER, version).path / "README.md").write_text("added later")
    with pytest.raises(AdapterRejected, match="changed after publishing"):
        adapters.promote(OWNER, version)
    assert adapters.live(OWNER) is None


def test_another_base_models_version(adapters: AdapterStore, publish: Publish) -> None:
    version = adapters.get(OWNER, publish())
    other = AdapterStore(adapters.root, "1" * 16)
    with pytest.raises(AdapterRejected, match="another base model"):
        other.verify_files(version)


def test_cards_are_sealed_byte_for_byte_and_read_by_later_releases(
    adapters: AdapterStore, publish: Publish
) -> None:
    found = adapters.get(OWNER, publish(reasons=['"seal": ""\n}', "ü"]))
    adapters.verify_files(found)
    text = (found.path / "card.json").read_text("utf-8")
    assert Card.model_validate({**json.loads(text), "field_of_tomorrow": 1}) == found.card


def test_collect_keeps_the_newest_the_live_the_previous_and_the_loaded(
    adapters: AdapterStore, publish: Publish
) -> None:
    names = [publish() for _ in range(8)]
    adapters.promote(OWNER, names[0])
    adapters.promote(OWNER, names[1])
    gone = adapters.collect(OWNER, keep=2, loaded=frozenset({"dev-ada-v0003"}))
    assert gone == names[3:6]
    assert adapters.names(OWNER) == [*names[:3], *names[6:]]
    assert adapters.collect(OWNER, keep=2, loaded=frozenset({"dev-ada-v0003"})) == []
    assert adapters.collect(OWNER, keep=99) == []
    assert publish() == "v0009"


def test_versions_are_ordered_by_number(adapters: AdapterStore, publish: Publish) -> None:
    publish()
    folder = adapters.base / OWNER
    (folder / "v0001").rename(folder / "v9999")
    assert publish() == "v10000"
    assert adapters.names(OWNER) == ["v9999", "v10000"]


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = AdapterStore(tmp_path / "file", "0" * 16)
    assert store.owners() == []
    with pytest.raises(AdapterError, match="cannot be written"):
        store.promote(OWNER, None)
