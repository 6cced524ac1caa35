"""Keeps a candidate inside the line, the block and the brackets that it was asked for."""

from collections.abc import Iterator

from penchant_lsp.filters.surroundings import Surroundings, indentation

_PAIRS = {")": "(", "]": "[", "}": "{"}
OPENING = frozenset("([{")
_BRACKETS = OPENING | _PAIRS.keys()
_QUOTES = "\"'`"
_HASH_COMMENTS = frozenset(
    ("python", "ruby", "shellscript", "yaml", "toml", "r", "perl", "elixir", "makefile", "julia")
)


def one_line(text: str, around: Surroundings) -> str:
    """Keep what stands before the first line end, where only one line is wanted."""
    return text.partition("\n")[0] if not around.many or around.right.strip() else text


def whole_lines(text: str, around: Surroundings) -> str:
    """Remove the last of several lines if the engine was stopped in the middle of it."""
    if not around.cut_off or "\n" not in text.rstrip():
        return text
    return text.rstrip().rpartition("\n")[0]


def within_block(text: str, around: Surroundings) -> str:
    """Cut before the first line that is indented less than the line of the cursor."""
    floor = indentation(around.left)
    lines = text.split("\n")
    for index, line in enumerate(lines[1:], start=1):
        if line.strip() and indentation(line) < floor:
            return "\n".join(lines[:index])
    return text


def within_brackets(text: str, around: Surroundings) -> str:
    """Cut before a bracket is closed that nothing above has opened: it, or its further line.

    Brackets right of the cursor are ``tail``'s. Inside a string nothing is a bracket.
    """
    if around.right.strip() or inside_string(around.left):
        return text
    mark = comment_mark(around.language)
    open_ = still_open(around.above + "\n" + around.left, mark)
    for at, character in brackets(text, mark):
        if character in OPENING:
            open_.append(character)
        elif not closed(open_, character):
            return text[: max(text.rfind("\n", 0, at), 0)] if "\n" in text[:at] else text[:at]
    return text


def comment_mark(language: str) -> str:
    """Return what begins a comment that ends with its line."""
    return "#" if language in _HASH_COMMENTS else "//"


def still_open(text: str, mark: str) -> list[str]:
    """Return the brackets that are open after ``text``; what opens above it is not known."""
    found: list[str] = []
    for _, character in brackets(text, mark):
        if character in OPENING:
            found.append(character)
        else:
            closed(found, character)
    return found


def closed(open_: list[str], closer: str) -> bool:
    """Take from ``open_`` what ``closer`` closes, with all that prose left open in it."""
    if _PAIRS[closer] not in open_:
        return False
    while open_.pop() != _PAIRS[closer]:
        pass
    return True


def brackets(text: str, mark: str) -> Iterator[tuple[int, str]]:
    """Yield the brackets of a text with their places, but for those in strings and comments.

    ``mark`` begins a comment. A string ends with its line: an apostrophe in prose hides no more
    than the rest of it.
    """
    at = 0
    for line in text.split("\n"):
        quote = ""
        for place, character in enumerate(line, start=at):
            if quote:
                quote = "" if character == quote else quote
            elif character in _QUOTES:
                quote = character
            elif text.startswith(mark, place):
                break
            elif character in _BRACKETS:
                yield place, character
        at += len(line) + 1


def inside_string(left: str) -> bool:
    """Whether a quotation is open at the end of a line's beginning."""
    return any(left.count(quote) % 2 for quote in _QUOTES)
