"""A publisher killed at any moment, and several at once: readers see whole versions or none."""

import multiprocessing
import os
import random
import signal as signals
import time
from pathlib import Path

from samples import SHAPES, make_card, write_adapter

from penchant_core.adapters import LIVE, AdapterStore

KILLS = 100
OWNER = "dev/ada"


def _publish(store: AdapterStore) -> str:
    with store.staging(OWNER) as staged:
        write_adapter(staged)
        return store.publish(staged, make_card(), shapes=SHAPES).version


def _publish_for_ever(root: Path, started: int) -> None:
    store = AdapterStore(root, "f" * 16)
    os.write(started, b"x")
    while True:
        store.promote(OWNER, _publish(store))
        store.collect(OWNER, keep=2)
        os.write(started, b"x")


def test_kill_9_while_publishing(memory_path: Path) -> None:
    store = AdapterStore(memory_path, "f" * 16)
    began = time.monotonic()
    store.promote(OWNER, _publish(store))
    publishing_s = time.monotonic() - began
    dice = random.Random(5)
    highest = published = 0
    for _ in range(KILLS):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _publish_for_ever(memory_path, writer)
            finally:
                os._exit(1)
        os.close(writer)
        rounds = dice.randrange(3)
        for _ in range(1 + rounds):
            os.read(reader, 1)
        published += rounds
        time.sleep(dice.random() * publishing_s)  # the random moment is what is tested
        os.kill(child, signals.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        live = store.live(OWNER)
        assert live is not None
        for name in store.names(OWNER):
            store.verify_files(store.get(OWNER, name))
        assert int(live.version[1:]) >= highest
        highest = int(live.version[1:])
    assert highest >= published > KILLS / 2
    store.promote(OWNER, _publish(store))  # no lock was left behind
    assert len(list((store.base / ".staging").iterdir())) < KILLS


def test_what_a_killed_publisher_left_is_swept_a_day_later(tmp_path: Path) -> None:
    store = AdapterStore(tmp_path, "f" * 16)
    _publish(store)
    old, new = (store.base / ".staging" / name for name in ("old", "new"))
    for path in (old, new):
        write_adapter(path)
    os.utime(old, (1, 1))
    store.collect(OWNER, keep=2)
    assert not old.exists()
    assert new.exists()


def _publish_some(root: Path, count: int) -> None:
    store = AdapterStore(root, "f" * 16)
    for _ in range(count):
        store.promote(OWNER, _publish(store))


def test_publishers_at_once_never_share_a_version(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    publishers = [fork.Process(target=_publish_some, args=(tmp_path, 8)) for _ in range(4)]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join()
        assert publisher.exitcode == 0
    store = AdapterStore(tmp_path, "f" * 16)
    assert store.names(OWNER) == [f"v{number:04d}" for number in range(1, 33)]
    for version in store.versions(OWNER):
        store.verify_files(version)
    assert store.live(OWNER) is not None


def test_a_torn_pointer_is_mended_by_promoting(tmp_path: Path) -> None:
    store = AdapterStore(tmp_path, "f" * 16)
    version = _publish(store)
    (store.base / OWNER / LIVE).write_text('{"version": "v0')
    store.promote(OWNER, version)
    assert store.pointer(OWNER).version == version
