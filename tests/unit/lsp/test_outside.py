"""Whether a change came from the disk: real files, real times."""

import os
from pathlib import Path

from penchant_lsp.documents import Change, Document, Edit
from penchant_lsp.outside import Outside

PASTE = Edit(0, 0, "import os\nimport sys\n")


def _opened(path: Path, text: str) -> tuple[Outside, Document]:
    path.write_text(text)
    os.utime(path, (1, 1))
    outside = Outside()
    outside.noted(path.as_uri())
    return outside, Document.opened(path.as_uri(), "python", 1, text, "utf-16")


def test_a_file_that_was_written_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    outside, document = _opened(path, "x = 1\r\n")
    path.write_bytes(b"import os\r\nimport sys\r\nx = 1\r\n")
    document.apply(Change(PASTE.text, (0, 0), (0, 0)))
    assert outside.suspected(document, [PASTE], [])
    assert not outside.suspected(document, [PASTE], []), "once for each time it was written"


def test_what_is_only_in_the_editor(tmp_path: Path) -> None:
    outside, document = _opened(tmp_path / "a.py", "x = 1\n")
    document.apply(Change(PASTE.text, (0, 0), (0, 0)))
    assert not outside.suspected(document, [PASTE], [])


def test_what_is_saved_from_the_editor(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    outside, document = _opened(path, "x = 1\n")
    path.write_text("x = 1\ny = 2\n")
    outside.noted(path.as_uri())
    document.apply(Change("x = 1\ny = 2\n"))
    assert not outside.suspected(document, [Edit(0, 6, "x = 1\ny = 2\n")], [])


def test_keys_are_not_looked_after(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    outside, document = _opened(path, "x = 1\n")
    path.write_text("ax = 1\n")
    document.apply(Change("a", (0, 0), (0, 0)))
    assert not outside.suspected(document, [Edit(0, 0, "a")], [])


def test_documents_without_a_file(tmp_path: Path) -> None:
    outside = Outside()
    for uri in ("untitled:a", (tmp_path / "gone.py").as_uri(), "file:///nowhere/at%00all.py"):
        outside.noted(uri)
        document = Document.opened(uri, "python", 1, "", "utf-16")
        assert not outside.suspected(document, [PASTE], [])
        assert outside.committed([uri], []) == []
