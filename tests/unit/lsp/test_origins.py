import pytest

from penchant_lsp.documents import Edit
from penchant_lsp.origins import Batch, Origin, keystroke, origin, pasted, renamed

TEXT = "def f(prices):\n    return sum(prices)\n"


def _batch(*edits: Edit, text: str = TEXT, whole: bool = False, reason: str | None = None) -> Batch:
    after = text
    for edit in edits:
        after = after[: edit.start] + edit.text + after[edit.end :]
    return Batch(edits, text, after, whole, reason)


def _everything(after: str, text: str = TEXT) -> Batch:
    return _batch(Edit(0, len(text), after), text=text, whole=True)


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        (_batch(Edit(3, 3, "x")), Origin.HUMAN),
        (_batch(Edit(3, 3, " "), Edit(0, 0, " ")), Origin.HUMAN),
        (_batch(Edit(5, 6, "( "), Edit(0, 3, "def  ")), Origin.FORMATTER),
        (_everything(TEXT.replace("(prices)", "( prices )")), Origin.FORMATTER),
        (_everything(TEXT.replace("sum", "max")), Origin.HUMAN),
        (_everything("one\n" * 30), Origin.EXTERNAL),
        (_everything(TEXT + "x"), Origin.HUMAN),
        (_everything("xf", text="x"), Origin.HUMAN),
        (_batch(*(Edit(0, 0, str(n)) for n in range(201))), Origin.EXTERNAL),
        (_batch(Edit(3, 3, "x"), reason="undo"), Origin.UNDO),
        (_batch(Edit(3, 3, "x"), reason="nonsense"), Origin.HUMAN),
        (_batch(Edit(30, 36, "costs"), Edit(6, 12, "costs")), Origin.RENAME),
    ],
)
def test_origin(batch: Batch, expected: Origin) -> None:
    assert origin(batch) is expected


def test_a_rename_may_send_only_what_differs() -> None:
    batch = _batch(Edit(35, 36, ""), Edit(11, 12, ""))
    assert renamed(batch) == ("prices", "price")


def test_two_different_replacements_are_no_rename() -> None:
    assert renamed(_batch(Edit(30, 36, "costs"), Edit(26, 29, "costs"))) is None


@pytest.mark.parametrize("text", ["", "a", "\n        ", "    ", "()", '""', "{}"])
def test_what_one_key_does(text: str) -> None:
    assert keystroke(text)
    assert not pasted(text)


@pytest.mark.parametrize(
    ("text", "is_paste"),
    [("ab", False), ("a" * 40, False), ("a" * 41, True), ("a\nb", True), ("\n" * 50, False)],
)
def test_what_a_person_does_not_type_at_once(text: str, is_paste: bool) -> None:
    assert pasted(text) is is_paste
