"""The store against a simple model: any order of publish, promote, roll back and collect."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from samples import MEMORY, SHAPES, make_card, write_adapter

from penchant_core.adapters import AdapterStore
from penchant_core.errors import AdapterNotFound

OWNER = "dev/ada"


class Store(RuleBasedStateMachine):
    """What is live is always whole, and rolling back undoes promoting."""

    def __init__(self):
        super().__init__()
        self.directory = tempfile.TemporaryDirectory(dir=MEMORY)
        self.store = AdapterStore(Path(self.directory.name), "0" * 16)
        self.published = 0
        self.live = None
        self.history = []

    def teardown(self):
        self.directory.cleanup()

    @rule()
    def publish(self):
        with self.store.staging(OWNER) as staged:
            write_adapter(staged)
            version = self.store.publish(staged, make_card(), shapes=SHAPES).version
        self.published += 1
        assert version == f"v{self.published:04d}"

    @precondition(lambda self: self.store.names(OWNER))
    @rule(choice=st.integers(0, 50))
    def promote(self, choice):
        names = [*self.store.names(OWNER), None]
        chosen = names[choice % len(names)]
        self.store.promote(OWNER, chosen)
        if chosen != self.live:
            self.history.append(self.live)
            self.live = chosen

    @rule()
    def roll_back(self):
        there = {None, *self.store.names(OWNER)}
        while self.history and (self.history[-1] not in there or self.history[-1] == self.live):
            self.history.pop()
        try:
            self.store.roll_back(OWNER)
        except AdapterNotFound:
            assert not self.history
        else:
            self.live = self.history.pop()

    @rule(keep=st.integers(1, 4))
    def collect(self, keep):
        before = self.store.names(OWNER)
        gone = self.store.collect(OWNER, keep=keep)
        assert set(before) - set(self.store.names(OWNER)) == set(gone)
        assert not set(gone) & set(before[-keep:])

    @invariant()
    def live_is_whole(self):
        assert self.store.pointer(OWNER).version == self.live
        found = self.store.live(OWNER)
        if found:
            self.store.verify_files(found)
        self.history = self.history[-10:]  # no more are remembered


Store.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
TestStore = Store.TestCase
