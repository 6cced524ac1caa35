"""While two versions answer side by side, each document keeps what its own version said."""

from pathlib import Path

from broken.editor import Editor
from broken.gateway import Gateway

ONE, TWO = "untitled:Untitled-1", "untitled:Untitled-2"


def test_an_answer_to_one_document_leaves_the_other_ones_cache_alone(tmp_path: Path) -> None:
    with Gateway("value") as gateway, Editor(tmp_path, gateway.address) as editor:
        gateway.status = False
        editor.open(ONE, "x = ")
        editor.open(TWO, "y = ")
        assert editor.complete(ONE, 0, 4)
        gateway.served_by["version"] = "v0002"
        assert editor.complete(TWO, 0, 4)
        asked = len(gateway.requests)
        assert editor.complete(ONE, 0, 4)[0]["insertText"] == "value"
        assert len(gateway.requests) == asked
        assert editor.shutdown() == 0
