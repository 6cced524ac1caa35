"""What is cut from a candidate before it may be shown. Small pure functions: text in, text out.

An empty string means "show nothing". Each function takes one rule; ``trimmed`` applies them in
order. Knows nothing of engines or editors.
"""

import re
import unicodedata

CLOSERS = frozenset(")]}>\"'`;,:")
_OPENER = re.compile(r"(?:\{|=>|->|\b(?:do|then|else|begin))\s*$")
_SIGNATURE = re.compile(r"\s*(?:async\s+)?(?:def|fn|fun|func)\b")
_NAMED = re.compile(r"\s*[\w.\"']+:$")
_BARE = re.compile(r"\s*(?:else|try|finally|default|do|begin):$")
_REPEATS = 3


def multi_line(left: str, right: str) -> bool:
    """Whether a completion at this place of a line may go on over its end."""
    if right.strip():
        return False
    return not left.strip() or _opens(left)


def _opens(left: str) -> bool:
    """Whether a block begins where ``left`` ends.

    A colon with something after it, inside brackets or behind a lone name is no block's: it is an
    annotation, a key or a slice, and so is the arrow of a signature.
    """
    if left.endswith(":"):
        whole = all(left.count(a) <= left.count(b) for a, b in ("()", "[]", "{}"))
        return whole and (_NAMED.match(left) is None or _BARE.match(left) is not None)
    found = _OPENER.search(left)
    return found is not None and not ("->" in found.group() and _SIGNATURE.match(left))


def trimmed(text: str, *, left: str, right: str, below: str, many: bool) -> str:
    """Apply every rule; ``below`` are the lines under the one of the cursor."""
    text = visible(text)
    text = unshifted(on_this_line(text, left), left)
    if not many or right.strip():
        text = one_line(text)
    text = unrepeated(text)
    text = within_scope(text, left)
    text = without_lines_below(text, left, below)
    text = without_tail(text, right)
    return text.rstrip() if not right.strip() else text if text.strip() else ""


def visible(text: str) -> str:
    """Refuse text with characters that cannot be seen: what is shown must be what is accepted.

    Controls, bidirectional marks, zero-width characters and surrogates, see Trojan Source
    (Boucher and Anderson, 2021).
    """
    for character in text:
        if character in "\n\t" or " " <= character <= "~":
            continue
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            return ""
    return text


def on_this_line(text: str, left: str) -> str:
    """Begin on the cursor's line if that is blank: a blank line above would be left behind."""
    if left.strip() or not text.startswith("\n"):
        return text
    first = text.lstrip("\n")
    return first[len(left) :] if first.startswith(left) else ""


def unshifted(text: str, left: str) -> str:
    """Remove the single space that small models put after an indentation."""
    if not left.strip() and text.startswith(" ") and text[1:2].strip():
        return text[1:]
    return text


def one_line(text: str) -> str:
    """Keep what stands before the first line end."""
    return text.partition("\n")[0]


def unrepeated(text: str) -> str:
    """Cut where the same line comes for the third time in a row."""
    lines = text.split("\n")
    for index in range(_REPEATS - 1, len(lines)):
        run = lines[index - _REPEATS + 1 : index + 1]
        if run[0].strip() and len(set(run)) == 1:
            return "\n".join(lines[: index - _REPEATS + 2])
    return text


def within_scope(text: str, left: str) -> str:
    """Cut before the first line that is indented less than the line of the cursor."""
    floor = _indentation(left)
    lines = text.split("\n")
    for index, line in enumerate(lines[1:], start=1):
        if line.strip() and _indentation(line) < floor:
            return "\n".join(lines[:index])
    return text


def without_lines_below(text: str, left: str, below: str) -> str:
    """Cut before the first line that stands below the cursor already."""
    following = next((line for line in below.split("\n") if line.strip()), "").rstrip()
    if not following:
        return text
    lines = text.split("\n")
    for index, line in enumerate(lines):
        whole = (left + line if index == 0 else line).rstrip()
        if whole == following and (index > 0 or not left.strip()):
            return "\n".join(lines[:index])
    return text


def without_tail(text: str, right: str) -> str:
    """Remove the end of ``text`` that stands right of the cursor already."""
    tail = right.rstrip()
    if not tail.strip():
        return text
    if not set(tail) <= CLOSERS:
        return text.removesuffix(tail)
    if not _unbalanced(text):
        return text
    overlap = next((n for n in range(len(tail), 0, -1) if text.endswith(tail[:n])), 0)
    return text[: len(text) - overlap]


def replaced(text: str, right: str) -> int:
    """Return how many characters right of the cursor ``text`` already contains.

    Those are closing characters that an editor put there by itself: when the text closes them too
    and goes on, it must replace them.
    """
    tail = right.rstrip()
    if not tail or not set(tail) <= CLOSERS or not _unbalanced(text):
        return 0
    rest = iter(text)
    return len(tail) if all(character in rest for character in tail) else 0


def _unbalanced(text: str) -> bool:
    """Whether ``text`` closes a bracket or a quotation that it did not open."""
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return True
    return any(text.count(quote) % 2 for quote in "\"'`")


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
