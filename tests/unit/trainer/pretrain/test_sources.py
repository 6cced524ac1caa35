"""Only permissive licences are read, and what is refused is named."""

from email.message import Message
from pathlib import Path

import pytest

from penchant_trainer.pretrain.sources import canonical, licence_of, packages, permissive


def fields(**given: str | list[str]) -> Message:
    message = Message()
    for name, value in given.items():
        for one in [value] if isinstance(value, str) else value:
            message[name.replace("_", "-")] = one
    return message


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-2-Clause", True),
        ("Apache-2.0 AND MIT", True),
        ("MPL-2.0 AND MIT", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("(MIT OR GPL-2.0-only) AND Apache-2.0", False),
        ("", False),
    ],
)
def test_every_part_or_one_choice_must_be_permissive(expression: str, allowed: bool) -> None:
    assert permissive(expression) is allowed


def test_the_expression_counts_more_than_the_classifiers() -> None:
    both = fields(License_Expression="MPL-2.0", Classifier="License :: OSI Approved :: MIT License")
    assert licence_of(both) == ("MPL-2.0", False)


def test_one_classifier_that_is_not_permissive_refuses() -> None:
    names = [
        "License :: OSI Approved :: MIT License",
        "License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
    ]
    assert licence_of(fields(Classifier=names))[1] is False
    assert licence_of(fields(Classifier=names[:1])) == ("MIT", True)


@pytest.mark.parametrize("text", ["MIT License", "Apache 2.0 License", "BSD-3-Clause", "BSD"])
def test_free_text_is_understood(text: str) -> None:
    assert licence_of(fields(License=text))[1]


def test_nothing_declared_is_refused() -> None:
    assert licence_of(fields()) == ("not declared", False)


def test_a_further_directory_is_read_and_its_refusals_named(tmp_path: Path) -> None:
    for name, licence in (("Good_One", "MIT"), ("bad", "GPL-3.0-only")):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: {licence}\n"
        (info / "METADATA").write_text(head)
        (info / "RECORD").write_text(f"{name}.py,,\n{name}.txt,,\n../outside.py,,\n")
    taken, refused = packages([tmp_path])
    good = next(p for p in taken if p.name == "good-one")
    assert [path for path, _ in good.files] == ["Good_One.py"]
    assert any(r.name == "bad" and r.licence == "GPL-3.0-only" for r in refused)
    assert all(p.name != "bad" for p in taken)


def test_the_standard_library_is_a_source_without_its_tests() -> None:
    taken, _ = packages()
    stdlib = next(p for p in taken if p.name == "cpython")
    paths = {path for path, _ in stdlib.files}
    assert "json/decoder.py" in paths
    assert not any(path.startswith(("test/", "site-packages/")) for path in paths)


def test_names_are_compared_as_the_index_compares_them() -> None:
    assert canonical("Sqlite_Utils") == "sqlite-utils"
