"""The fingerprint follows content, not names; the cache only saves time."""

import json
import os
import shutil
from pathlib import Path

import pytest
from samples import write_safetensors

from penchant_core.errors import AdapterRejected, ConfigError, FimError
from penchant_core.fingerprint import base_fingerprint, base_shapes, read_header, weight_files
from penchant_core.models import BUNDLED, model_directory, resolve

WEIGHTS = {"w": ("F32", (2, 2), bytes(16)), "n": ("BF16", (3,), bytes(6))}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    directory = tmp_path / "model"
    directory.mkdir()
    write_safetensors(directory / "model.safetensors", WEIGHTS)
    (directory / "config.json").write_text(json.dumps({"model_type": "llama", "hidden_size": 2}))
    (directory / "tokenizer.json").write_text('{"added_tokens": []}')
    return directory


def test_shapes_come_from_every_file(model: Path) -> None:
    write_safetensors(model / "model-2.safetensors", {"x": ("F16", (1,), bytes(2))})
    assert base_shapes(model) == {"w": (2, 2), "n": (3,), "x": (1,)}
    assert [p.name for p in weight_files(model)] == ["model-2.safetensors", "model.safetensors"]


def test_it_is_stable_and_does_not_depend_on_the_place(model: Path, tmp_path: Path) -> None:
    found = base_fingerprint(model)
    assert len(found) == 16
    assert int(found, 16) >= 0
    shutil.copytree(model, tmp_path / "copy")
    assert base_fingerprint(tmp_path / "copy") == found


@pytest.mark.parametrize("part", ["weights", "names", "architecture", "tokenizer", "new file"])
def test_every_part_counts(model: Path, part: str) -> None:
    before = base_fingerprint(model)
    if part == "weights":
        changed = {**WEIGHTS, "w": ("F32", (2, 2), b"\1" + bytes(15))}
        write_safetensors(model / "model.safetensors", changed)
    elif part == "names":
        write_safetensors(model / "model.safetensors", {"v": WEIGHTS["w"], "n": WEIGHTS["n"]})
    elif part == "architecture":
        (model / "config.json").write_text(json.dumps({"model_type": "llama", "hidden_size": 4}))
    elif part == "tokenizer":
        (model / "tokenizer.json").write_text('{"added_tokens": [1]}')
    else:
        write_safetensors(model / "more.safetensors", WEIGHTS)
    assert base_fingerprint(model) != before


def test_other_settings_of_the_model_do_not_count(model: Path) -> None:
    before = base_fingerprint(model)
    config = {"hidden_size": 2, "model_type": "llama", "use_cache": False}
    (model / "config.json").write_text(json.dumps(config))
    assert base_fingerprint(model) == before


def test_the_cache_is_used_and_noticed_changes_void_it(model: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    found = base_fingerprint(model, cache)
    (kept,) = (cache / "fingerprints").iterdir()
    kept.write_text("0123456789abcdef")
    assert base_fingerprint(model, cache) == "0123456789abcdef"
    status = (model / "model.safetensors").stat()
    changed = {**WEIGHTS, "w": ("F32", (2, 2), b"\1" + bytes(15))}
    write_safetensors(model / "model.safetensors", changed)
    os.utime(model / "model.safetensors", ns=(status.st_atime_ns, status.st_mtime_ns))
    again = base_fingerprint(model, cache)  # same size, same time, other content
    assert again not in ("0123456789abcdef", found)


@pytest.mark.parametrize("garbage", [b"", b"nonsense", b"\xff", b"../../etc/passwd"])
def test_a_damaged_cache_is_not_believed(model: Path, tmp_path: Path, garbage: bytes) -> None:
    found = base_fingerprint(model, tmp_path)
    (kept,) = (tmp_path / "fingerprints").iterdir()
    kept.write_bytes(garbage)
    assert base_fingerprint(model, tmp_path) == found


def test_a_cache_that_cannot_be_written_costs_nothing(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert base_fingerprint(model, tmp_path / "file") == base_fingerprint(model)


def test_models_that_are_none(model: Path, tmp_path: Path) -> None:
    for text in ("", "{", "[]", "null"):
        (model / "config.json").write_text(text)
        with pytest.raises(ConfigError, match=r"config\.json"):
            base_fingerprint(model)
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    with pytest.raises(ConfigError, match="safetensors"):
        base_fingerprint(model)


def test_a_header_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(AdapterRejected):
        read_header(tmp_path / "nowhere")
    with pytest.raises(AdapterRejected):
        read_header(tmp_path)


def test_the_bundled_model_and_paths_mean_the_same(tmp_path: Path) -> None:
    bundled = resolve(BUNDLED)
    assert bundled.name.startswith("penchant-base")
    assert bundled.renderer.template.order == "spm"
    assert bundled.shapes()
    by_path = resolve(str(bundled.directory), tmp_path)
    assert by_path.fingerprint == bundled.fingerprint
    assert model_directory(str(bundled.directory)) == bundled.directory


def test_a_model_without_fim_tokens(model: Path) -> None:
    with pytest.raises(FimError, match="code completion"):
        resolve(str(model))


@pytest.mark.parametrize("name", ["/no/such/model", "./nowhere", "~/no-such-model-here"])
def test_paths_that_lead_nowhere(name: str) -> None:
    with pytest.raises(ConfigError, match="check the path"):
        resolve(name)


def test_a_hub_id_without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigError, match="neither a directory here"):
        resolve("nobody/no-such-model-at-all")
