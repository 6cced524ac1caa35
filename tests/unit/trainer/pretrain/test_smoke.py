"""All steps at toy size, as a real process; then everything that must hold for a package."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from penchant_core.errors import ConfigError, TrainError
from penchant_core.models import resolve
from penchant_trainer.pretrain import packaging, steps
from penchant_trainer.pretrain.card import card
from penchant_trainer.pretrain.tokenizer import END, load

pytestmark = pytest.mark.timeout(400)


def penchant(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PENCHANT_HOME": str(home), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "penchant_core.cli", "pretrain", *arguments],
        env=environment, capture_output=True, text=True, timeout=380, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("smoke")
    done = penchant("--smoke", "--run", str(place), home=place / "home")
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture
def package(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run / "package", tmp_path / "package"))


def test_the_loss_curve_is_sane(run: Path) -> None:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    train = [line["loss"] for line in lines if line["kind"] == "train"]
    assert 6.5 < train[0] < 7.5  # ln(1024) = 6.93: it begins by knowing nothing
    held_out = [line for line in lines if line["kind"] == "held_out"][-1]
    assert 1.0 < held_out["loss"] < train[0] - 0.7


def test_figures_are_there_for_model_and_baselines(run: Path) -> None:
    figures = json.loads((run / "figures.json").read_text())
    assert figures["held_out"] == ["click"]
    assert len(figures["writers"]) == 3
    for name, writer in figures["writers"].items():
        for kind in ("single_line", "mid_identifier", "multi_line"):
            assert writer[kind]["count"] == 24, name
            assert 0 <= writer[kind]["exact"] <= writer[kind]["similarity"] <= 1
    ours = next(w for n, w in figures["writers"].items() if "baseline" not in n)
    assert 0 < ours["bits_per_byte"] < 8
    assert ours["tokens_per_second"] > 0


def test_the_card_names_the_model_and_no_place_of_this_machine(run: Path, package: Path) -> None:
    text = (package / "MODEL_CARD.md").read_text()
    assert "| penchant-base-smoke | single_line |" in text
    assert str(run) not in text


def test_the_card_leaves_out_what_more_time_has_undone(run: Path, tmp_path: Path) -> None:
    went = tmp_path / "went"
    shutil.copytree(run, went)
    steps_so_far = [
        {"kind": "held_out", "step": s, "tokens": s, "seconds": 1.0, "loss": 1.0, "middle": 1.0}
        for s in (10, 20, 30, 15, 25)
    ]
    (went / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in steps_so_far))
    text = card(went, steps.recipe_of(went, None), {"tokens": 1, "seconds": 1, "step": 25}, None)
    assert re.findall(r"^\| (\d+) \| 0.00 ", text, re.MULTILINE) == ["10", "15", "25"]


def test_the_package_is_a_base_model_that_penchant_can_serve(run: Path, package: Path) -> None:
    model = resolve(str(package))
    assert model.name == "penchant-base-smoke"
    assert model.renderer.template.order == "spm"
    assert model.renderer.budget.prefix_chars == 200
    assert model.copying == steps.recipe_of(run, None).copying is not None
    tensors = load_file(package / "model.safetensors")
    assert {str(t.dtype) for t in tensors.values()} == {"torch.bfloat16"}
    assert "lm_head.weight" not in tensors


def test_a_run_that_went_on_is_exported_over_the_earlier_export(run: Path, package: Path) -> None:
    told = json.loads((package / "penchant.json").read_text())
    (package / "penchant.json").write_text(json.dumps(told | {"name": "before"}))
    packaging.export(run, steps.recipe_of(run, None), package)
    assert resolve(str(package)).name == "penchant-base-smoke"


def test_transformers_generates_with_it(package: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(package)
    network = AutoModelForCausalLM.from_pretrained(package)
    prompt = resolve(str(package)).renderer.render("def f(x):\n    ", "\n")
    ids = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)["input_ids"]
    assert ids[0].tolist() == load(package).encode(prompt).ids
    assert tokenizer.eos_token == END
    assert network.config.eos_token_id == tokenizer.eos_token_id
    with torch.inference_mode():
        made = network.generate(ids, max_new_tokens=4, do_sample=False)
    assert made.shape[1] > ids.shape[1]


def test_the_card_tells_data_recipe_and_figures(package: Path) -> None:
    card = (package / "MODEL_CARD.md").read_text()
    for part in ("| cpython | ", "PSF-2.0", "click", "bits per byte", "Limits", "muon_rate"):
        assert part in card
    assert str(Path.home()) not in card


def test_checksums_find_a_changed_file(package: Path) -> None:
    resolve(str(package))
    weights = package / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ConfigError, match="copy it again"):
        resolve(str(package))


def test_a_directory_with_other_things_is_not_replaced(run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(TrainError, match="empty directory"):
        packaging.package(run, steps.recipe_of(run, None), tmp_path, None)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_one_run_has_one_recipe(run: Path) -> None:
    with pytest.raises(ConfigError, match="another recipe"):
        steps.recipe_of(run, "cpu")


def test_any_model_can_be_asked(run: Path, tmp_path: Path) -> None:
    done = penchant(
        "eval", "--run", str(run), "--model", str(run / "package"), "--questions", "3", "--json",
        home=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    assert figures["questions"] == 9
    assert str(run / "package") in figures["writers"]


def test_a_step_without_the_one_before_says_what_to_do(tmp_path: Path) -> None:
    done = penchant("train", "--run", str(tmp_path / "new"), home=tmp_path)
    assert done.returncode == 1
    assert "pretrain tokenizer" in done.stderr
