"""What is counted at held-out places, and which targets the figures meet."""

import json
from dataclasses import replace

import pytest

from penchant_trainer.personas import table
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.filtering import Glance
from penchant_trainer.personas.measuring import Shown, measured, shown_from_json
from penchant_trainer.personas.parsing import Parsing
from penchant_trainer.personas.people import PERSONAS
from penchant_trainer.personas.results import Result, Results
from penchant_trainer.personas.sparing import sparing

ADA = PERSONAS["ada"]
PLACES = [
    Place("a.py", "x = ", '"a"', "\n", "double_quotes"),
    Place("a.py", "y = ", '"b"', "\n", "double_quotes"),
    Place("a.py", "def f(", "a: int) -> int:", "\n    return a\n", "hinted_parameters"),
    Place("a.py", "def g(", "a: int) -> int:", "\n", "hinted_parameters"),
]


def test_only_places_and_lines_with_an_occasion_count() -> None:
    lines = ['"c"', "None", "a) -> int:", "a: str):"]
    found = measured(ADA, PLACES, lines)
    assert found.habits == {
        "double_quotes": (1, 1, 2),
        "hinted_parameters": (1, 2, 2),
        "hinted_returns": (1, 2, 2),
        "docstrings": (0, 0, 0),
    }
    assert (found.share, found.occasions, found.reach) == (3 / 5, 5, 3 / 6)
    assert found.parses == (3, 3), "the last place does not parse whatever stands there"
    assert found.tally["hinted_returns"] == [1, 2]
    assert shown_from_json(json.loads(json.dumps(found.as_json()))) == found


def test_the_personas_own_text_is_all_in_its_style() -> None:
    own = measured(ADA, PLACES, [place.truth for place in PLACES])
    assert (own.share, own.parse_rate, own.similarity) == (1.0, 1.0, 1.0)


def shown(share: int, parsed: int = 100) -> Shown:
    tally = {"double_quotes": [share, 100]}
    return Shown({"double_quotes": (share, 100, 100)}, (parsed, 100), 0.5, 100, tally)


def result(name: str, after: Shown | None, **changes: object) -> Result:
    persona = PERSONAS[name]
    made = Result(
        name, persona.kind, 200, "published", ("better",), "sft", {"rejected": 1},
        shown(40), after, shown(97), 1.01, 60.0,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_targets_are_met_and_missed() -> None:
    good = [result(name, shown(95)) for name in ("ada", "boris")]
    hostile = result("yes", shown(40), status="refused")
    matrix = {"ada": {"ada": 0.95, "boris": 0.2}, "boris": {"ada": 0.1, "boris": 0.9}}
    targets = Results(200, (*good, hostile), matrix).targets
    assert all(target["met"] for target in targets.values()), targets

    bad = result("chen", shown(60, parsed=97), perplexity=1.05)
    worse = result("dora", None)
    promoted = replace(hostile, status="published")
    blurred = {"ada": {"ada": 0.9, "boris": 0.9}}
    targets = Results(200, (*good, bad, worse, promoted), blurred).targets
    assert not any(target["met"] for target in targets.values()), targets
    assert targets["preferred style"]["words"] == "2 of 4 reach 90% (all but one must)"
    assert targets["parse rate"]["words"] == "lost more than a point: chen"
    assert targets["adversaries"]["words"] == "1 of 1 promoted (yes)"


def test_what_parses_is_judged_where_there_are_most_places() -> None:
    noisy = result("ada", shown(95, parsed=97))
    assert noisy.breaks
    surer = replace(noisy, parsing=Parsing(1000, 800, 790, 40, 30))
    assert not surer.breaks, "one point of a thousand places"
    assert surer.as_json()["parsing"]["mended"] == 30
    assert surer.as_json()["parse_change"] == -0.01
    assert replace(noisy, parsing=Parsing(1000, 800, 789, 41, 30)).breaks
    assert "80.0% → 79.0% (1000)" in table.markdown(Results(200, (surer,)), {})


def test_the_curve_does_not_decide() -> None:
    early = result("ada", shown(50), events=25)
    found = Results(200, (result("ada", shown(95)), early))
    assert found.targets["preferred style"]["met"]


def test_a_row_without_its_own_adapter_has_no_lead() -> None:
    assert not Results(200, (), {"ada": {"boris": 0.1}}).right_is_best("ada")


def test_the_table_has_a_row_for_each_result(capsys: pytest.CaptureFixture[str]) -> None:
    matrix = {"ada": {"ada": 0.95}}
    table.printed(Results(200, (result("ada", shown(95)), result("no", None)), matrix))
    out = capsys.readouterr().out
    for part in ("40% → 95%", "(100)", "40% → –", "ada 200: style: double quotes: 40 %", "✓"):
        assert part in out


def test_the_tables_of_a_page_say_what_they_were_made_with() -> None:
    curve = result("ada", shown(70), events=50)
    glances = {"ada": [Glance("a.py", True, True, 9), Glance("a.py", False, False, 0)]}
    found = Results(
        200,
        (result("ada", shown(95)), result("no", None), curve),
        {"ada": {"ada": 0.95}},
        sparing(glances, glances),
    )
    page = table.markdown(found, {"machine": "a box", "seed": 1})
    assert page.startswith("machine: a box; seed: 1\n\n### 200 events\n\n| persona | events |")
    for part in (
        "| ada | 200 | 40% → 95% (100) |",
        "| ada | 50 | 40% → 70% (100) |",
        "### Show filter, learned from the others",
        "| all | 2 | 50% | -50 % (",
        "| ✓ | show filter | shown -50%",
        "| ada | 95% |",
    ):
        assert part in page
    for block in page.split("\n\n"):
        widths = {line.count("|") for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1, block
    assert found.as_json()["filter"]["own"]["ada"]["suggestions"] == 2


def test_a_result_holds_the_style_card() -> None:
    data = json.loads(json.dumps(result("ada", shown(95)).as_json()))
    assert data["style"] == ["double quotes: 40 % → 95 %; you: 97 %"]
    assert data["after"]["share"] == 0.95
    assert data["parse_change"] == 0.0
    assert result("ada", None).as_json()["after"] is None
