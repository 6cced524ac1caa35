import sys
from pathlib import Path

import pytest
from bench import peer_install
from bench.peer_install import PeerMissing


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_without_node_tabby_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PeerMissing, match=r"Node\.js"):
        peer_install.tabby()


def test_a_fetch_that_fails_says_why(monkeypatch, tmp_path):
    pip = tmp_path / "python"
    pip.write_text("#!/bin/sh\necho 'no route to any index' >&2\nexit 1\n")
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))

    with pytest.raises(PeerMissing, match="no route to any index"):
        peer_install.refact()


def test_another_file_is_never_run():
    program = peer_install.cache() / f"refact-lsp-{peer_install.REFACT}" / "refact-lsp"
    program.parent.mkdir(parents=True)
    program.write_bytes(b"something else")

    with pytest.raises(PeerMissing, match="is not the file"):
        peer_install.refact()
