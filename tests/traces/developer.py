"""A developer who acts a story out, at any desk: before the tracker alone or a real server.

Holds the text as an editor would, with a caret and an undo history. Each verb of a story is a
method. Time passes as it does for people, and only when the story goes on.
"""

from dataclasses import dataclass, field
from typing import Protocol

from traces.trace import Trace

from penchant_lsp.documents import Document, Edit

KEY_S, GLANCE_S = 0.12, 0.4
AFTERWARDS_S = (11.0, 60.0, 240.0, 300.0, 60.0)
OTHER = "other.py"


@dataclass
class Item:
    """One candidate on the screen: it would replace code points ``start`` to ``end``."""

    text: str
    start: int
    end: int
    id: str
    index: int


@dataclass
class Page:
    """One document in the editor; ``end_of_line`` is what the file is written with."""

    name: str
    document: Document
    end_of_line: str = "\n"
    caret: int = 0
    past: list[str] = field(default_factory=list)
    future: list[str] = field(default_factory=list)


class Desk(Protocol):
    """What a developer sits at."""

    hints: bool

    def wait(self, seconds: float) -> None: ...
    def open(self, page: Page) -> None: ...
    def close(self, page: Page) -> None: ...
    def save(self, page: Page) -> None: ...
    def change(
        self, page: Page, edits: list[Edit], *, whole: bool, reason: str | None, outside: bool
    ) -> None: ...
    def ask(self, page: Page, texts: tuple[str, ...], *, afresh: bool) -> list[Item]: ...
    def shown(self, item: Item) -> None: ...
    def accepted(self, item: Item) -> None: ...
    def partly(self, item: Item, length: int) -> None: ...
    def dismissed(self, item: Item) -> None: ...
    def told_rename(self, page: Page, name: str) -> None: ...
    def git(self, page: Page, action: str) -> None: ...
    def restart(self, page: Page) -> None: ...
    def remove_cell(self, page: Page) -> None: ...
    def move_cell(self, page: Page) -> None: ...


class Developer:
    """Acts one trace out; afterwards ``ids`` names the showings in their order."""

    def __init__(self, trace: Trace, desk: Desk) -> None:
        self.trace, self.desk = trace, desk
        end_of_line = "\r\n" if "\r\n" in trace.text else "\n"
        text = trace.text.replace("\r\n", "\n")
        self.page = self._page(trace.path, text.replace("|", "", 1), end_of_line)
        self.page.caret = text.index("|")
        self.other: Page | None = None
        self.items: list[Item] = []
        self.ids: list[str] = []

    def act(self) -> list[str]:
        """Act the whole story out; return the ids of the showings."""
        self.desk.open(self.page)
        for verb, arguments in self.trace.steps:
            getattr(self, "do_" + verb.replace("-", "_"))(*arguments)
        for seconds in AFTERWARDS_S:
            self.desk.wait(seconds)
        return self.ids

    def _page(self, name: str, text: str, end_of_line: str = "\n") -> Page:
        written = text.replace("\n", end_of_line)
        document = Document.opened(name, "python", 1, written, self.trace.units)
        return Page(name, document, end_of_line)

    @property
    def text(self) -> str:
        return self.page.document.text

    # -- suggestions -----------------------------------------------------------------------

    def do_show(self, *texts: str, afresh: bool = False) -> None:
        self.desk.wait(GLANCE_S)
        self.items = self.desk.ask(self.page, texts, afresh=afresh)
        assert [item.text for item in self.items] == list(texts), (self.trace.name, self.items)
        if self.items[0].id not in self.ids:
            self.ids.append(self.items[0].id)
        self._look(0)

    def do_show_afresh(self, *texts: str) -> None:
        self.do_show(*texts, afresh=True)

    def do_cycle(self, index: int) -> None:
        self.desk.wait(GLANCE_S)
        self._look(index)

    def do_accept(self, index: int = 0, *, told: bool = True) -> None:
        item = self.items[index]
        typed = self.page.caret - item.start
        self._edit((self.page.caret, self.page.caret + item.end - item.start, item.text[typed:]))
        if told:
            self._say_accepted(item)

    def do_accept_silently(self, index: int = 0) -> None:
        """As an editor does that runs no command even if others would."""
        self.do_accept(index, told=False)

    def do_accept_replacing(self, index: int = 0) -> None:
        """The whole range again, with what was typed since."""
        item = self.items[index]
        self._edit((item.start, self.page.caret, item.text))
        self._say_accepted(item)

    def do_command(self, index: int = 0) -> None:
        self._say_accepted(self.items[index])

    def do_take(self, part: str, *, told: bool = True) -> None:
        """The next word, or line, of what is shown."""
        item = self.items[0]
        begun = self.page.caret - item.start
        assert item.text[begun:].startswith(part), (item, part)
        self._edit((self.page.caret, self.page.caret, part))
        if self.desk.hints and told:
            self.desk.partly(item, begun + len(part))
            if begun + len(part) == len(item.text):
                self.desk.accepted(item)

    def do_dismiss(self) -> None:
        if self.desk.hints:
            self.desk.dismissed(self.items[0])

    def _look(self, index: int) -> None:
        if self.desk.hints:
            self.desk.shown(self.items[index])

    def _say_accepted(self, item: Item) -> None:
        if self.desk.hints:
            self.desk.accepted(item)

    # -- writing ---------------------------------------------------------------------------

    def do_type(self, text: str) -> None:
        for character in text:
            self._insert(character, KEY_S)

    def do_ask(self, text: str) -> None:
        """Type while the editor asks at every key, and the same suggestion goes on."""
        for character in text:
            self._insert(character, KEY_S)
            item = self.items[0] if self.items else None
            rest = "" if item is None else item.text[self.page.caret - item.start :]
            agrees = item is not None and self.text[item.start : self.page.caret] + rest
            if rest.strip() and agrees == item.text:
                self.items = self.desk.ask(self.page, (rest,), afresh=False)
                assert self.items[0].id == self.ids[-1], self.trace.name
                self._look(0)

    def do_insert(self, text: str) -> None:
        """At once: a completion from a list, a new line with its indent, a paste."""
        self._insert(text, GLANCE_S)

    def do_pair(self, text: str) -> None:
        """An opening bracket or quotation mark that the editor closes."""
        self._insert(text, KEY_S)
        self.page.caret -= 1

    def do_skip(self, count: int) -> None:
        self.page.caret += count

    def do_back(self, count: int) -> None:
        for _ in range(count):
            caret = self.page.caret
            self._edit((caret - 1, caret, ""), seconds=KEY_S)

    def do_delete(self, count: int) -> None:
        self._edit((self.page.caret - count, self.page.caret, ""))

    def do_move(self, after: str) -> None:
        self.page.caret = self.text.index(after) + len(after)

    def do_replace(self, old: str, new: str) -> None:
        self.do_edits([old, new])

    def do_edits(self, *pairs: list[str]) -> None:
        """Several replacements in one message, each in the text that the one before it left."""
        self._edit(*self._places(pairs))

    def do_lists_choice(self, typed: str, chosen: str) -> None:
        """What was typed is replaced by an entry of the editor's own list."""
        caret = self.page.caret
        self._edit((caret - len(typed), caret, chosen))

    def do_both(self, text: str, other: str) -> None:
        """The same text at the caret and at a second cursor before ``other``."""
        at, caret = self.text.index(other), self.page.caret
        places = sorted({at, caret}, reverse=True)
        self._edit(*((place, place, text) for place in places))
        self.page.caret = caret + len(text) * (2 if at < caret else 1)

    def do_whole(self, *pairs: list[str]) -> None:
        """Send the whole text, with replacements."""
        text = self.text
        for old, new in pairs:
            assert old in text, (self.trace.name, old)
            text = text.replace(old, new)
        self.do_rewrite(text)

    def do_rewrite(self, text: str) -> None:
        self._edit((0, len(self.text), text), whole=True)

    def do_undo(self, groups: int = 1) -> None:
        for _ in range(groups):
            self.page.future.append(self.text)
            text = self.page.past.pop()
        self._back_to(text, "undo")

    def do_redo(self) -> None:
        self.page.past.append(self.text)
        self._back_to(self.page.future.pop(), "redo")

    def do_elsewhere(self, text: str) -> None:
        """Type in another document."""
        mine = self.page
        if self.other is None:
            self.other = self._page(OTHER, "")
            self.desk.open(self.other)
        self.page = self.other
        self.do_type(text)
        self.page = mine

    # -- files and the world outside -------------------------------------------------------

    def do_wait(self, seconds: float) -> None:
        self.desk.wait(seconds)

    def do_save(self) -> None:
        self.desk.wait(GLANCE_S)
        self.desk.save(self.page)

    def do_close(self) -> None:
        self.desk.wait(GLANCE_S)
        self.desk.close(self.page)

    def do_reopen(self) -> None:
        """The text is opened again (after a close, or without one)."""
        self.desk.open(self.page)

    def do_reopen_as(self, name: str) -> None:
        """Closed, and open again under another name: "save as", or a rename nobody tells."""
        self.desk.close(self.page)
        self.page.name = name
        self.desk.open(self.page)

    def do_rename(self, name: str) -> None:
        """The editor renames the file, and says so."""
        old = Page(self.page.name, self.page.document)
        self.desk.told_rename(self.page, name)
        self.page.name = name
        self.desk.open(self.page)
        self.desk.close(old)

    def do_disk(self, *pairs: list[str]) -> None:
        """Another program writes the file, and the editor reads it again."""
        self._edit(*self._places(pairs), outside=True)

    def do_checkout(self, text: str) -> None:
        """Another branch: git moves, and the editor reads the file again."""
        self.desk.git(self.page, "checkout")
        self._edit((0, len(self.text), text), whole=True, outside=True)

    def do_commit(self) -> None:
        self.desk.git(self.page, "commit")
        self.desk.wait(GLANCE_S)

    def do_restart(self) -> None:
        self.desk.restart(self.page)

    def do_remove_cell(self) -> None:
        self.desk.remove_cell(self.page)

    def do_move_cell(self) -> None:
        self.desk.move_cell(self.page)

    # -- inside ----------------------------------------------------------------------------

    def _places(self, pairs: tuple[list[str], ...]) -> list[tuple[int, int, str]]:
        places, text = [], self.text
        for old, new in pairs:
            start = text.index(old)
            places.append((start, start + len(old), new))
            text = text[:start] + new + text[start + len(old) :]
        return places

    def _insert(self, text: str, seconds: float) -> None:
        self._edit((self.page.caret, self.page.caret, text), seconds=seconds)

    def _back_to(self, text: str, reason: str) -> None:
        old, head, tail = self.text, 0, 0
        while head < min(len(old), len(text)) and old[head] == text[head]:
            head += 1
        while tail < min(len(old), len(text)) - head and old[-1 - tail] == text[-1 - tail]:
            tail += 1
        self._edit((head, len(old) - tail, text[head : len(text) - tail]), reason=reason)

    def _edit(
        self,
        *places: tuple[int, int, str],
        whole: bool = False,
        reason: str | None = None,
        outside: bool = False,
        seconds: float = GLANCE_S,
    ) -> None:
        self.desk.wait(seconds)
        page = self.page
        if reason is None:
            page.past.append(page.document.text)
            page.future.clear()
        self.desk.change(
            page,
            [Edit(*place) for place in places],
            whole=whole or self.trace.full,
            reason=reason if self.desk.hints else None,
            outside=outside,
        )
        for start, end, text in places:
            if end <= page.caret or start == page.caret:
                page.caret += len(text) - (end - start) if end <= page.caret else len(text)
            elif start < page.caret:
                page.caret = start + len(text)
