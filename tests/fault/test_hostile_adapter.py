"""Adapters made to harm: each is refused before any engine sees its path.

The engine here is a recorder: a real HTTP server that speaks the dialect and remembers every load.
"""

import json
import os
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from broken_engine import BrokenEngine, broken_engine
from safetensors.numpy import save_file
from serving import (
    Stage,
    base_model,
    lora_config,
    lora_weights,
    make_card,
    publish,
    serving,
    until,
    write_lora,
)

from penchant_core.adapter_files import file_digests
from penchant_core.card import sealed

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"


def config(directory: Path, **changes: Any) -> None:
    (directory / CONFIG).write_text(json.dumps(lora_config(**changes)))


def header(directory: Path, change: Callable[[dict[str, Any]], object]) -> None:
    raw = (directory / WEIGHTS).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    parsed = json.loads(raw[8 : 8 + size])
    change(parsed)
    text = json.dumps(parsed).encode()
    (directory / WEIGHTS).write_bytes(struct.pack("<Q", len(text)) + text + raw[8 + size :])


def tensors(directory: Path, change: Callable[[dict[str, np.ndarray]], object]) -> None:
    found = lora_weights(7)
    change(found)
    save_file(found, directory / WEIGHTS)


def first(found: dict[str, Any], side: str = "lora_A") -> str:
    return next(name for name in found if side in name)


def put(value: float) -> Callable[[Path], None]:
    def spoil(directory: Path) -> None:
        def change(found: dict[str, np.ndarray]) -> None:
            found[first(found)][0, 0] = value

        tensors(directory, change)

    return spoil


def pickle(directory: Path) -> None:
    (directory / WEIGHTS).unlink()
    (directory / "adapter_model.bin").write_bytes(b"\x80\x04\x8c\x05posix\x8c\x06system\x93.")


def pickle_beside(directory: Path) -> None:
    (directory / "adapter_model.bin").write_bytes(b"\x80\x04.")


def pickle_inside(directory: Path) -> None:
    (directory / WEIGHTS).write_bytes(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.")


def linked_weights(directory: Path) -> None:
    outside = directory.parent.parent / f"outside-{os.getpid()}"
    (directory / WEIGHTS).rename(outside)
    (directory / WEIGHTS).symlink_to(outside)


def linked_config(directory: Path) -> None:
    (directory / CONFIG).unlink()
    (directory / CONFIG).symlink_to("/etc/passwd")


def folder_inside(directory: Path) -> None:
    (directory / "sub").mkdir()


def fifo_weights(directory: Path) -> None:
    (directory / WEIGHTS).unlink()
    os.mkfifo(directory / WEIGHTS)


def script_beside(directory: Path) -> None:
    (directory / "modeling.py").write_text("import os")


def truncated(directory: Path) -> None:
    raw = (directory / WEIGHTS).read_bytes()
    (directory / WEIGHTS).write_bytes(raw[: len(raw) // 2])


def appended(directory: Path) -> None:
    with (directory / WEIGHTS).open("ab") as file:
        file.write(b"PK\x03\x04")


def huge_header(directory: Path) -> None:
    (directory / WEIGHTS).write_bytes(struct.pack("<Q", 2**62) + b"{}")


def deep_header(directory: Path) -> None:
    text = b"[" * 100_000
    (directory / WEIGHTS).write_bytes(struct.pack("<Q", len(text)) + text)


def duplicate_keys(directory: Path) -> None:
    raw = (directory / WEIGHTS).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    parsed = json.loads(raw[8 : 8 + size])
    name = first(parsed)
    text = raw[8 : 8 + size].rstrip()[:-1] + f',"{name}":{json.dumps(parsed[name])}}}'.encode()
    (directory / WEIGHTS).write_bytes(struct.pack("<Q", len(text)) + text + raw[8 + size :])


def overlapping(directory: Path) -> None:
    def change(parsed: dict[str, Any]) -> None:
        names = [name for name in parsed if name != "__metadata__"]
        parsed[names[1]]["data_offsets"] = parsed[names[0]]["data_offsets"]

    header(directory, change)


def negative_offsets(directory: Path) -> None:
    header(directory, lambda parsed: parsed[first(parsed)].update(data_offsets=[-8, 8]))


def wrong_dtype(directory: Path) -> None:
    header(directory, lambda parsed: parsed[first(parsed)].update(dtype="I32"))


def lying_rank(directory: Path) -> None:
    config(directory, r=8)


def tensors_of_higher_rank(directory: Path) -> None:
    save_file(lora_weights(7, rank=8), directory / WEIGHTS)


def rank_above_the_engine(directory: Path) -> None:
    save_file(lora_weights(7, rank=64), directory / WEIGHTS)
    config(directory, r=64)


def wrong_hidden_size(directory: Path) -> None:
    def change(found: dict[str, np.ndarray]) -> None:
        name = first(found)
        found[name] = np.concatenate([found[name], found[name]], axis=1)

    tensors(directory, change)


def deeper_than_the_base(directory: Path) -> None:
    def change(found: dict[str, np.ndarray]) -> None:
        for name in list(found):
            if ".layers.0." in name:
                found[name.replace(".layers.0.", ".layers.99.")] = found[name]

    tensors(directory, change)


def one_half_missing(directory: Path) -> None:
    tensors(directory, lambda found: found.pop(first(found, "lora_B")))


def embeddings(directory: Path) -> None:
    config(directory, target_modules=["embed_tokens"])


def undeclared_target(directory: Path) -> None:
    config(directory, target_modules=["q_proj"])


def full_weights(directory: Path) -> None:
    def change(found: dict[str, np.ndarray]) -> None:
        found["base_model.model.model.norm.weight"] = np.zeros(256, "float32")

    tensors(directory, change)


def config_with(**changes: Any) -> Callable[[Path], None]:
    return lambda directory: config(directory, **changes)


def raw_config(text: str) -> Callable[[Path], None]:
    return lambda directory: void((directory / CONFIG).write_text(text))


def void(_value: object) -> None:
    return None


HOSTILE: dict[str, Callable[[Path], None]] = {
    "pickled weights": pickle,
    "pickle beside the weights": pickle_beside,
    "pickle under the weights' name": pickle_inside,
    "weights are a link": linked_weights,
    "config is a link": linked_config,
    "a folder inside": folder_inside,
    "weights are a pipe": fifo_weights,
    "code beside the weights": script_beside,
    "cut off": truncated,
    "bytes after the end": appended,
    "header of 2^62 bytes": huge_header,
    "header nested without end": deep_header,
    "the same tensor twice": duplicate_keys,
    "overlapping tensors": overlapping,
    "negative offsets": negative_offsets,
    "a wrong type": wrong_dtype,
    "declared rank too high": lying_rank,
    "declared rank too low": tensors_of_higher_rank,
    "rank above the engine's": rank_above_the_engine,
    "another hidden size": wrong_hidden_size,
    "more layers than the base": deeper_than_the_base,
    "half of a pair": one_half_missing,
    "embeddings": embeddings,
    "undeclared targets": undeclared_target,
    "whole weights inside": full_weights,
    "not a number": put(float("nan")),
    "infinity": put(float("inf")),
    "DoRA": config_with(use_dora=True),
    "bias": config_with(bias="all"),
    "modules to save": config_with(modules_to_save=["lm_head"]),
    "layer replication": config_with(layer_replication=[[0, 8]]),
    "rank pattern": config_with(rank_pattern={"q_proj": 512}),
    "not a LoRA": config_with(peft_type="IA3"),
    "rank is text": config_with(r="4"),
    "alpha is infinite": config_with(lora_alpha=float("inf")),
    "config is a list": raw_config("[]"),
    "config is no JSON": raw_config("{"),
    "config nested without end": raw_config("[" * 100_000),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[BrokenEngine]:
    async with broken_engine() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    tmp_path_factory: pytest.TempPathFactory, engine: BrokenEngine
) -> AsyncIterator[Stage]:
    async with serving(tmp_path_factory.mktemp("hostile"), engine__url=engine.url) as running:
        yield running


def forge(stage: Stage, spoil: Callable[[Path], None]) -> str:
    """Put a spoilt adapter into the store as a sealed version, past all of publish's checks."""
    folder = stage.store.base / "dev" / "mallory"
    version = f"v{len(list(folder.glob('v*'))) + 1:04d}"
    directory = write_lora(folder / version, seed=7)
    spoil(directory)
    try:
        digests = file_digests(directory)
    except Exception:
        digests = {}
    card = make_card("dev/mallory", version=version, files=digests, rank=4, alpha=4.0)
    (directory / "card.json").write_text(sealed(card))
    return version


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", HOSTILE)
async def test_it_is_refused_before_the_engine_sees_it(
    stage: Stage, engine: BrokenEngine, name: str
) -> None:
    version = forge(stage, HOSTILE[name])
    answer = await stage.client.post(f"/v1/adapters/dev/mallory/{version}/promote")
    assert answer.status_code == 409, answer.text
    assert "changed after publishing" not in answer.text  # the forgery itself is sound
    assert engine.loaded == []
    assert stage.store.pointer("dev/mallory").version is None


@pytest.mark.asyncio(loop_scope="module")
async def test_a_pointer_planted_at_it_costs_no_completion(
    stage: Stage, engine: BrokenEngine
) -> None:
    version = forge(stage, put(float("nan")))
    pointer = stage.store.base / "dev" / "mallory" / "live.json"
    pointer.write_text(json.dumps({"version": version}))
    await stage.complete(developer="mallory")
    listed = await until(lambda: refused(stage, f"dev-mallory-{version}"))
    assert "NaN" in listed
    told = (await stage.complete(developer="mallory"))["penchant"]
    assert told["adapter"] is None
    assert "NaN" in told["fallback"]
    assert engine.loaded == []


async def refused(stage: Stage, name: str) -> str:
    card = (await stage.models()).get(name, {}).get("penchant", {})
    return card.get("reason", "")


@pytest.mark.asyncio(loop_scope="module")
async def test_an_adapter_of_another_base_model_is_refused(
    stage: Stage, engine: BrokenEngine
) -> None:
    """Same shapes, another model: only the fingerprint tells."""
    version = forge(stage, void)
    path = stage.store.get("dev/mallory", version).path
    card = make_card("dev/mallory", version=version, base_fingerprint="f" * 16)
    card = card.model_copy(update={"files": file_digests(path)})
    (path / "card.json").write_text(sealed(card))
    answer = await stage.client.post(f"/v1/adapters/dev/mallory/{version}/promote")
    assert answer.status_code == 409
    assert "another base model" in answer.json()["error"]["message"]
    assert engine.loaded == []


@pytest.mark.asyncio(loop_scope="module")
async def test_the_sound_one_is_loaded_so_the_others_were_refused_for_a_reason(
    stage: Stage, engine: BrokenEngine
) -> None:
    version = publish(stage.store, "dev/ada", seed=7)
    answer = await stage.client.post(f"/v1/adapters/dev/ada/{version.version}/promote")
    assert answer.status_code == 200, answer.text
    assert engine.loaded == ["dev-ada-v0001"]
    assert base_model().fingerprint in str(version.path)
