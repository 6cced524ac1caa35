"""Base models: what is declared beside the weights, and files that are not what they were."""

import json
from pathlib import Path

import pytest

from penchant_core import models
from penchant_core.errors import ConfigError
from penchant_core.fim import MODEL_FILE


def declare(directory: Path, content: object) -> None:
    (directory / MODEL_FILE).write_text(json.dumps(content))


def test_files_as_declared_pass(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"as they were")
    declare(tmp_path, {"sha256": {"weights": models.digest(tmp_path / "weights")}})
    models.verify(tmp_path)


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_a_file_that_is_not_as_declared_is_named(tmp_path: Path, damage: str) -> None:
    weights = tmp_path / "weights"
    weights.write_bytes(b"as they were")
    declare(tmp_path, {"sha256": {"weights": models.digest(weights)}})
    weights.write_bytes(b"as they are!") if damage == "changed" else weights.unlink()
    with pytest.raises(ConfigError, match="again"):
        models.verify(tmp_path)


@pytest.mark.parametrize("content", [[], {}, {"sha256": None}, {"sha256": ["weights"]}, "text"])
def test_models_that_declare_no_checksums_are_taken_as_they_are(
    tmp_path: Path, content: object
) -> None:
    declare(tmp_path, content)
    models.verify(tmp_path)
    models.verify(tmp_path / "absent")


def test_the_bundled_model_is_found_and_whole() -> None:
    found = models.resolve(models.BUNDLED)
    assert found.name.startswith("penchant-base")
    assert found.renderer.template.end
