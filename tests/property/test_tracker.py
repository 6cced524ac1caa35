"""Whatever is edited, offered, said or renamed: one outcome per showing, and the text is right."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from penchant_core.settings import TrackerSettings
from penchant_core.signals import Candidate, Completion, OutcomeKind
from penchant_lsp.documents import Change, Document, Edit
from penchant_lsp.regions import Region, minimal, refined, slid
from penchant_lsp.tracker import Tracker

URI = "file:///w/a.py"
CELL = "vscode-notebook-cell:/w/n.ipynb#a"
OTHER_CELL = "vscode-notebook-cell:/w/n.ipynb#b"
CHARACTERS = st.sampled_from("ab(){}[]'\"\n ,.:\u00e9\U0001f600x=")
TEXTS = st.text(CHARACTERS, max_size=30)
SUGGESTIONS = st.text(CHARACTERS, min_size=1, max_size=12)


class Sessions(RuleBasedStateMachine):
    """Random sessions in one document: a file under changing names, or a notebook's cell."""

    @initialize(text=TEXTS, uri=st.sampled_from([URI, CELL]), other=TEXTS)
    def begin(self, text: str, uri: str, other: str) -> None:
        self.now = 0.0
        self.uri = uri
        self.tracker = Tracker(TrackerSettings())
        self.document = Document.opened(uri, "python", 1, text, "utf-16")
        self.tracker.open(uri, self.document.text, self.now)
        # The cell beside it: its text must not be taken for this one's, not even if it is equal.
        self.other = Document.opened(OTHER_CELL, "python", 1, other, "utf-16")
        self.tracker.open(OTHER_CELL, self.other.text, self.now)
        self.probed: dict[str, set[float]] = {}
        self.shown: set[str] = set()
        self.outcomes: dict[str, int] = {}
        self.count = 0
        self.last: tuple[int, str] = (0, "")
        self.is_open = True

    def _change(
        self, *edits: tuple[int, int, str], reason: str | None = None, outside: bool = False
    ) -> None:
        self.now += 0.1
        applied = []
        for start, end, text in edits:
            at, to = self.document.position(start), self.document.position(end)
            applied.append(self.document.apply(Change(text, at, to)))
        self.tracker.change(self.uri, applied, self.now, reason=reason, outside=outside)

    def _place(self, share: float) -> int:
        return int(share * len(self.document))

    @precondition(lambda self: self.is_open)
    @rule(share=st.floats(0, 1), text=SUGGESTIONS, more=st.lists(SUGGESTIONS, max_size=2))
    def offer(self, share: float, text: str, more: list[str]) -> None:
        texts = list(dict.fromkeys([text, *more]))
        self.count += 1
        completion = Completion(
            f"c{self.count}", 1e9, "ada", "w", "a.py", "python", "", "",
            tuple(Candidate(each) for each in texts), 0,
        )  # fmt: skip
        at = self._place(share)
        showing = self.tracker.offer(self.uri, at, at, completion, self.now)
        self.shown.add(showing.completion_id)
        self.last = (at, text)
        assert len(showing.indices) == len(texts)

    @precondition(lambda self: self.is_open)
    @rule(share=st.floats(0, 1), length=st.integers(0, 5), text=TEXTS, outside=st.booleans())
    def edit(self, share: float, length: int, text: str, outside: bool) -> None:
        start = self._place(share)
        end = min(start + length, len(self.document))
        self._change((start, end, text), outside=outside)

    @rule(text=TEXTS)
    def edit_the_other_cell(self, text: str) -> None:
        edit = self.other.apply(Change(text, (0, 0), (0, 0)))
        self.tracker.change(OTHER_CELL, [edit], self.now)

    @precondition(lambda self: self.is_open)
    @rule(committed=st.booleans())
    def save(self, committed: bool) -> None:
        self.now += 0.1
        self.tracker.save(self.uri, self.now)
        if committed:
            self.tracker.committed(self.uri, self.now)

    @precondition(lambda self: self.is_open)
    @rule(taken=st.integers(1, 12), told=st.booleans())
    def take(self, taken: int, told: bool) -> None:
        at, text = self.last
        at = min(at, len(self.document))
        self._change((at, at, text[:taken]))
        if told and self.count:
            self.tracker.accepted(f"c{self.count}", 0, self.now)

    @precondition(lambda self: self.is_open)
    @rule(one=st.floats(0, 1), text=CHARACTERS, reason=st.sampled_from([None, "formatted", "undo"]))
    def edit_twice(self, one: float, text: str, reason: str | None) -> None:
        start = self._place(one)
        self._change((start, start, text), (0, 0, text), reason=reason)

    @precondition(lambda self: self.is_open)
    @rule(text=TEXTS, reason=st.sampled_from([None, "external", "formatted"]))
    def replace_all(self, text: str, reason: str | None) -> None:
        self.now += 0.1
        edit = self.document.apply(Change(text))
        self.tracker.change(self.uri, [edit], self.now, whole=True, reason=reason)

    @rule(number=st.integers(0, 20), index=st.integers(-1, 3), length=st.integers(-1, 20))
    def say(self, number: int, index: int, length: int) -> None:
        self.tracker.partly_accepted(f"c{number}", index, length, self.now)
        self.tracker.dismissed(f"c{number + 1}", self.now)
        self.tracker.accepted(f"c{number + 2}", index, self.now)

    @rule(seconds=st.sampled_from([0.5, 5.0, 20.0, 100.0, 400.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.tracker.tick(self.now)

    @rule(removed=st.booleans())
    def close_and_open(self, removed: bool) -> None:
        self.now += 0.1
        if self.is_open:
            self.tracker.close(self.uri, self.now, removed=removed)
        else:
            self.tracker.open(self.uri, self.document.text, self.now)
        self.is_open = not self.is_open

    @precondition(lambda self: self.is_open and self.uri.startswith("file:"))
    @rule(told=st.booleans(), opened_first=st.booleans(), lost=st.booleans())
    def rename(self, told: bool, opened_first: bool, lost: bool) -> None:
        self.now += 0.1
        followed = self.tracker.open_count
        old, self.uri = self.uri, f"file:///w/{self.count}-{self.now}.py"
        if told:
            self.tracker.renamed(old, self.uri, self.now)
        if opened_first:
            self.tracker.open(self.uri, self.document.text, self.now)
        self.tracker.close(old, self.now)
        if not opened_first:
            self.now += 30.0 if lost else 0.5
            self.tracker.tick(self.now)
            self.tracker.open(self.uri, self.document.text, self.now)
        if opened_first and self.document.text.strip():
            assert self.tracker.open_count == followed, "a rename ends no watch"
        assert self.tracker.text(old) is None

    @invariant()
    def text_is_right_and_outcomes_are_single(self) -> None:
        if self.is_open:
            assert self.tracker.text(self.uri) == self.document.text
        assert self.tracker.text(OTHER_CELL) in (None, self.other.text)
        for settled in self.tracker.drain():
            outcome = settled.outcome
            assert outcome is not None
            assert outcome.completion_id == settled.completion.id
            assert settled.completion.id not in self.outcomes
            assert 0 <= settled.completion.shown < len(settled.completion.candidates)
            assert outcome.settled_at >= outcome.at
            assert outcome.retained_chars <= outcome.accepted_chars
            if outcome.kind is OutcomeKind.REJECTED:
                assert outcome.accepted_chars == 0
            if outcome.kind in (OutcomeKind.IGNORED, OutcomeKind.CENSORED):
                assert not outcome.instead
                assert not outcome.final_text
            self.outcomes[settled.completion.id] = 1
            self.probed[settled.completion.id] = {second for second, _ in outcome.probes}
            assert all(0 <= share <= 1 for _, share in outcome.probes)
        for found in self.tracker.survivals():
            assert found.completion_id in self.outcomes, "a late probe has an outcome to go to"
            assert 0 <= found.kept <= 1
            assert found.seconds >= 0

    def teardown(self) -> None:
        if hasattr(self, "tracker"):
            self.tracker.stop(self.now)
            self.is_open = False
            self.text_is_right_and_outcomes_are_single()
            assert set(self.outcomes) == self.shown


TestSessions = Sessions.TestCase
TestSessions.settings = settings(
    max_examples=150,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@given(before=TEXTS, after=TEXTS)
@settings(deadline=None)
def test_refining_an_edit_changes_nothing(before: str, after: str) -> None:
    text = before
    for piece in refined(Edit(0, len(before), after), before):
        text = text[: piece.start] + piece.text + text[piece.end :]
    assert text == after
    small = minimal(Edit(0, len(before), after), before)
    assert before[: small.start] + small.text + before[small.end :] == after


@given(text=TEXTS, at=st.integers(0, 30), to=st.integers(0, 30), inserted=TEXTS)
@settings(deadline=None)
def test_sliding_an_insertion_changes_nothing(text: str, at: int, to: int, inserted: str) -> None:
    at, to = min(at, len(text)), min(to, len(text))
    moved = slid(Edit(at, at, inserted), text, to)
    assert moved.start in (at, to)
    assert text[: moved.start] + moved.text + text[moved.end :] == text[:at] + inserted + text[at:]


@given(
    text=TEXTS,
    bounds=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    edit=st.tuples(st.integers(0, 30), st.integers(0, 5), TEXTS),
    is_open=st.booleans(),
)
@settings(deadline=None)
def test_a_region_stays_inside_its_document(
    text: str, bounds: tuple[int, int], edit: tuple[int, int, str], is_open: bool
) -> None:
    start, end = sorted(min(bound, len(text)) for bound in bounds)
    region = Region(start, end, is_open)
    at = min(edit[0], len(text))
    change = Edit(at, min(at + edit[1], len(text)), edit[2])
    after = text[: change.start] + change.text + text[change.end :]
    held, touched = region.text(text), region.touched_by(change)
    region.move(change)
    assert 0 <= region.start <= region.end <= len(after)
    if not touched:
        assert region.text(after) == held
