"""A corpus of real files in a made-up site-packages: what stays, what goes, what is recorded."""

import json
from pathlib import Path

import pytest

from penchant_core.errors import TrainError
from penchant_trainer.pretrain import corpus
from penchant_trainer.pretrain.recipe import CorpusPart


def module(name: str, lines: int = 30) -> str:
    return "".join(
        f"def {name}_{i}(value, other_{i}):\n    return value + other_{i} * {name}\n\n\n"
        for i in range(lines)
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Four distributions: one to hold out, one like it, one GPL, one of its own."""
    place = tmp_path / "site-packages"
    for name, licence, files in (
        ("kept-apart", "MIT", {"apart.py": module("apart")}),
        (
            "copycat",
            "MIT",
            {"copy.py": module("apart") + module("new", 2), "own.py": module("own")},
        ),
        ("copyleft", "GPL-3.0-only", {"left.py": module("left")}),
        (
            "plain",
            "BSD-3-Clause",
            {"a.py": module("alpha"), "b.py": module("alpha") + "\n# twice\n"},
        ),
    ):
        info = place / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        head = f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: {licence}\n"
        (info / "METADATA").write_text(head)
        (info / "RECORD").write_text("".join(f"{name}/{file},,\n" for file in files))
        (place / name).mkdir()
        for file, text in files.items():
            (place / name / file).write_text(text)
    return place


def part(**changes: object) -> CorpusPart:
    given = {
        "held_out": ("kept-apart",), "package_chars": 100_000, "stdlib_chars": 1,
        "full_docstrings": 0.2, "similarity": 0.7,
    }  # fmt: skip
    return CorpusPart.model_validate(given | changes)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the made-up site-packages is on the path."""
    monkeypatch.setattr("sys.path", [])


def test_what_stays_and_what_goes(tmp_path: Path, installed: Path, only: None) -> None:
    manifest = corpus.build(tmp_path / "run", part(), [installed], 1)
    train = {d.path for d in corpus.read(tmp_path / "run", "train") if d.package != "cpython"}
    assert "copycat/own.py" in train
    assert "copycat/copy.py" not in train  # resembles what is held out
    assert len(train & {"plain/a.py", "plain/b.py"}) == 1  # one of two near-duplicates
    assert {d.package for d in corpus.read(tmp_path / "run", "held_out")} == {"kept-apart"}
    roles = {p["name"]: p["role"] for p in manifest["packages"]}
    assert roles["kept-apart"] == "held_out"
    assert [r["name"] for r in manifest["refused"]] == ["copyleft"]
    kept = json.loads((tmp_path / "run" / "corpus" / "manifest.json").read_text())
    assert kept == manifest


def test_excluded_packages_are_not_read(tmp_path: Path, installed: Path, only: None) -> None:
    corpus.build(tmp_path / "run", part(excluded=("plain",)), [installed], 1)
    assert "plain" not in {d.package for d in corpus.read(tmp_path / "run", "train")}


def test_one_package_cannot_take_all_the_room(tmp_path: Path, installed: Path, only: None) -> None:
    manifest = corpus.build(tmp_path / "run", part(package_chars=10), [installed], 1)
    assert {p["files"] for p in manifest["packages"] if p["role"] == "train"} == {1}


def test_a_package_to_hold_out_must_be_there(tmp_path: Path, installed: Path, only: None) -> None:
    with pytest.raises(TrainError, match="nowhere-to-be-seen"):
        corpus.build(tmp_path, part(held_out=("nowhere-to-be-seen",)), [installed], 1)


def test_no_corpus_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="pretrain corpus"):
        corpus.read(tmp_path, "train")
