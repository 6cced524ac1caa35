"""Principles are read strictly, and a mistake is named."""

from pathlib import Path

import pytest
from unit.trainer.rewards.places import event

from penchant_core.errors import ConfigError
from penchant_core.judging_settings import JudgingSettings
from penchant_trainer.rewards.constitution import principles
from penchant_trainer.rewards.judge import ChecksJudge
from penchant_trainer.rewards.verifiable import checks

SOUND = """
[[principle]]
id = "fits"
question = "Is the file still valid code?"
weight = 2
family = "correctness"
check = "parses"
"""


def test_the_shipped_one_covers_every_family_and_names_checks_that_exist() -> None:
    shipped = principles()
    assert 6 <= len(shipped) <= 10
    families = {"correctness", "api", "style", "safety", "brevity", "retention"}
    assert {p.family for p in shipped} == families
    known = checks(JudgingSettings())
    assert {p.check for p in shipped if p.check} <= known.keys()


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(SOUND)
    (only,) = principles(str(mine))
    assert (only.id, only.weight, only.check) == ("fits", 2.0, "parses")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('weight = 2\n', 'weight = 0\n'), r"principle 1 \(fits\): weight: .*greater than 0"),
        (('weight = 2\n', 'weight = "2"\n'), r"principle 1 \(fits\): weight: .*number"),
        (('weight = 2\n', ''), r"principle 1 \(fits\): weight: Field required"),
        (('weight = 2', 'wieght = 2\nweight = 2'), r"principle 1 \(fits\): wieght: Extra"),
        (('code?"', 'code."'), r"principle 1 \(fits\): question: .*question mark"),
        (('"correctness"', '"looks"'), r"principle 1 \(fits\): family: .*'correctness'"),
        (('id = "fits"', 'id = "Fits!"'), r"principle 1 \(Fits!\): id: String should match"),
        (('[[principle]]', '[[principal]]'), "principle: Field required"),
        (('[[principle]]', '[[principle]'), "cannot be read"),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(SOUND.replace(*change))
    with pytest.raises(ConfigError, match=said):
        principles(str(mine))


def test_two_principles_of_one_name(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(SOUND + SOUND)
    with pytest.raises(ConfigError, match="two principles are called 'fits'"):
        principles(str(mine))


def test_a_file_that_is_not_there_or_far_too_large(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        principles(str(tmp_path / "none.toml"))
    large = tmp_path / "large.toml"
    large.write_text("#" * 200_000)
    with pytest.raises(ConfigError, match="larger than"):
        principles(str(large))


def test_a_check_that_does_not_exist(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(SOUND.replace('"parses"', '"compiles"'))
    judge = ChecksJudge(checks(JudgingSettings()))
    with pytest.raises(ConfigError, match=r"'compiles'; there are api, brevity"):
        judge.answers(principles(str(mine)), [event("x = ", "\n")], ["1"])
