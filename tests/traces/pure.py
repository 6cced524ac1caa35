"""The desk with nothing but the tracker: no process, no protocol, time as wished."""

from traces.developer import Item, Page
from traces.trace import Trace

from penchant_core.settings import TrackerSettings
from penchant_core.signals import Candidate, Completion, Outcome
from penchant_lsp.documents import Change, Edit
from penchant_lsp.filters.tail import replaced
from penchant_lsp.tracker import Tracker


class PureDesk:
    def __init__(self, trace: Trace, *, hints: bool) -> None:
        self.trace, self.hints = trace, hints
        self.now = 1000.0
        self.tracker = Tracker(TrackerSettings())
        self.tracker.confirms = self.tracker.commands = hints
        self.outcomes: dict[str, list[Outcome | None]] = {}
        self.count = 0

    def _uri(self, name: str) -> str:
        scheme = "vscode-notebook-cell" if self.trace.notebook else "file"
        return name if ":" in name else f"{scheme}:///w/{name}"

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.tracker.tick(self.now)
        self.collect()

    def collect(self) -> None:
        for settled in self.tracker.drain():
            self.outcomes.setdefault(settled.completion.id, []).append(settled.outcome)
        for found in self.tracker.survivals():
            [outcome] = self.outcomes[found.completion_id]
            probes = {**dict(outcome.probes), found.seconds: found.kept}
            object.__setattr__(outcome, "probes", tuple(sorted(probes.items())))

    def open(self, page: Page) -> None:
        self.tracker.open(self._uri(page.name), page.document.text, self.now)

    def close(self, page: Page) -> None:
        self.tracker.close(self._uri(page.name), self.now)

    def save(self, page: Page) -> None:
        self.tracker.save(self._uri(page.name), self.now)

    def change(
        self, page: Page, edits: list[Edit], *, whole: bool, reason: str | None, outside: bool
    ) -> None:
        document, uri = page.document, self._uri(page.name)
        if whole:
            after = document.text
            for edit in edits:
                after = edit.applied(after)
            applied = [document.apply(Change(after))]
        else:
            applied = []
            for edit in edits:
                at, to = document.position(edit.start), document.position(edit.end)
                text = edit.text.replace("\n", page.end_of_line)
                applied.append(document.apply(Change(text, at, to)))
        self.tracker.change(uri, applied, self.now, whole=whole, reason=reason, outside=outside)
        known = self.tracker.text(uri)
        assert known is None or known == document.text, self.trace.name

    def ask(self, page: Page, texts: tuple[str, ...], *, afresh: bool) -> list[Item]:
        text, caret = page.document.text, page.caret
        completion = Completion(
            id=f"c{self.count}",
            at=5000.0 + self.now,
            developer="ada",
            workspace="w",
            path="a.py",
            language="python",
            prefix=text[:caret],
            suffix=text[caret:],
            candidates=tuple(Candidate(each) for each in texts),
            shown=0,
        )
        self.count += 1
        end = caret + replaced(texts[0], text[caret:].partition("\n")[0])
        showing = self.tracker.offer(self._uri(page.name), caret, end, completion, self.now)
        return [
            Item(each, caret, end, showing.completion_id, index)
            for each, index in zip(texts, showing.indices, strict=True)
        ]

    def shown(self, item: Item) -> None:
        self.tracker.shown(item.id, item.index)

    def accepted(self, item: Item) -> None:
        self.tracker.accepted(item.id, item.index, self.now)

    def partly(self, item: Item, length: int) -> None:
        self.tracker.partly_accepted(item.id, item.index, length, self.now, item=item.text)

    def dismissed(self, item: Item) -> None:
        self.tracker.dismissed(item.id, self.now)

    def told_rename(self, page: Page, name: str) -> None:
        self.tracker.renamed(self._uri(page.name), self._uri(name), self.now)

    def git(self, page: Page, action: str) -> None:
        if action == "commit":
            self.tracker.committed(self._uri(page.name), self.now)

    def restart(self, page: Page) -> None:
        self.tracker.stop(self.now)
        self.collect()
        self.tracker = Tracker(TrackerSettings())
        self.tracker.confirms = self.tracker.commands = self.hints
        self.open(page)

    def remove_cell(self, page: Page) -> None:
        self.tracker.close(self._uri(page.name), self.now, removed=True)

    def move_cell(self, page: Page) -> None:
        self.remove_cell(page)
        self.open(page)
