"""What personas write and where they pause: real code, their style, the same for a seed."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from penchant_core.errors import ConfigError
from penchant_trainer.personas import desk, people, shelf
from penchant_trainer.personas.people import PERSONAS
from penchant_trainer.personas.sheet import sheet
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.style.habits import HABITS, verdict

STYLED = [persona for persona in PERSONAS.values() if persona.kind == "style"]


@pytest.mark.parametrize("persona", STYLED, ids=lambda p: p.name)
def test_every_place_shows_the_habit_that_brought_the_persona_there(
    persona: people.Persona, documents: tuple[Document, ...]
) -> None:
    places = desk.places(persona, documents[:4], 12, seed=3)
    assert len(places) == 12
    habits = [place.habit for place in places if place.habit]
    assert len(habits) >= 6
    for place in places:
        if place.habit:
            wanted = persona.wants[place.habit]
            found = verdict(HABITS[place.habit], place.prefix, place.truth, place.suffix)
            assert found is wanted, place


def test_places_are_lines_of_the_rewritten_files(documents: tuple[Document, ...]) -> None:
    ada = PERSONAS["ada"]
    texts = {d.path: desk.write(ada, d.text) for d in documents}
    for text in texts.values():
        ast.parse(text)
    whole = new = ends = 0
    for place in desk.places(ada, documents, 40, seed=1):
        text = texts[place.path]
        line = place.prefix.rpartition("\n")[2] + place.truth
        assert f"\n{line}\n" in f"\n{text}"
        assert "\n" not in place.truth
        assert text.endswith(place.suffix) or place.suffix == "\n"
        whole += text.startswith(place.prefix + place.truth)
        new += not text.startswith(place.prefix)
        ends += place.suffix == "\n"
    assert min(whole, new, ends) >= 8


def test_the_same_seed_gives_the_same_places(documents: tuple[Document, ...]) -> None:
    dora, few = PERSONAS["dora"], documents[:3]
    once = desk.places(dora, few, 8, seed=7)
    assert desk.places(dora, few, 8, seed=7) == once
    assert desk.places(dora, few, 4, seed=7) == once[:4]
    assert desk.places(dora, few, 8, seed=8) != once


def test_a_turncoat_changes_at_half_time_and_writes_no_file_twice(
    documents: tuple[Document, ...],
) -> None:
    places = desk.places(PERSONAS["turncoat"], documents, 24, seed=1)
    before, after = places[:12], places[12:]
    assert not {p.path for p in before} & {p.path for p in after}
    assert before == desk.places(PERSONAS["boris"], documents, 12, seed=1)
    assert {p.habit for p in after} & {"hinted_returns", "double_quotes", "docstrings"}


def test_a_sheet_of_a_new_file_holds_imports_and_the_statement_alone() -> None:
    text = "import a\nfrom b import (\n    c,\n)\nx = 1\n\n\n@a\ndef f():\n    return c\n"

    class Never:
        def random(self) -> float:
            return 0.0

    cursor = text.index("return")
    found = sheet(text).around(cursor, cursor + 8, Never())  # type: ignore[arg-type]
    imports = "import a\nfrom b import (\n    c,\n)\n"
    assert found == (f"{imports}\n\n@a\ndef f():\n    ", "\n")


def test_every_persona_is_made_of_what_there_is() -> None:
    assert len(STYLED) >= 8
    assert len([p for p in PERSONAS.values() if p.kind == "adversary"]) == 4
    for persona in PERSONAS.values():
        assert set(persona.wants) <= set(HABITS)
        desk.write(persona, "x = 1\n")
    distinct = {tuple(sorted(p.wants.items())) for p in STYLED}
    assert len(distinct) == len(STYLED)
    assert replace(PERSONAS["noisy"], name="", words="", kind="style", slips=0.05) == replace(
        PERSONAS["ada"], name="", words=""
    )


def test_an_unknown_persona_is_named() -> None:
    assert [p.name for p in people.chosen(("no", "ada"))] == ["ada", "no"]
    with pytest.raises(ConfigError, match="no persona bob; there are ada, boris"):
        people.chosen(("bob",))


def test_only_held_out_packages_are_read() -> None:
    names = shelf.held_out_packages()
    assert "click" in names
    found = list(shelf.of_package("click"))
    assert found
    assert {d.package for d in found} == {"click"}
    assert list(shelf.of_package("no-such-package")) == []
    every = [d for name in ("httpx", "pygls", "starlette") for d in shelf.of_package(name)]
    assert 0.1 < sum(map(shelf.measured, every)) / len(every) < 0.45


def test_every_persona_is_documented() -> None:
    text = (Path(__file__).parents[4] / "docs" / "personas.md").read_text("utf-8")
    assert [name for name in PERSONAS if f"`{name}`" not in text] == []
