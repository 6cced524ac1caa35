"""Questions are asked in code, at places where a cursor stands, for every package alike."""

from collections import Counter

from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.questions import KINDS, Question, questions

TEXT = '''"""A module about
several things that must not be asked."""

import os


def first(path: str) -> list[str]:
    """Return names.

    Docstrings are prose.
    """
    found = []
    for name in os.listdir(path):
        if name.endswith(".py"):  # a comment
            found.append(name.lower())
    return sorted(found)


class Box:
    size = 12

    def grow(self, amount: int) -> None:
        self.size = self.size + amount
        self.changed = True
'''
DOCUMENTS = [Document(p, f"{p}/{i}.py", TEXT) for p in ("one", "two") for i in range(3)]


def asked() -> list[Question]:
    return questions(DOCUMENTS, 60, 1)


def test_every_kind_is_asked_as_often_of_every_package() -> None:
    kinds = Counter((q.kind, q.package) for q in asked())
    assert kinds == {(kind, package): 30 for kind in KINDS for package in ("one", "two")}
    cases = Counter(q.case for q in asked() if q.kind == "single_line")
    assert cases == {"indentation": 20, "mid_line": 20, "identifier_end": 20}


def test_a_question_is_a_place_in_its_file() -> None:
    for q in asked():
        assert q.prefix + q.expected + q.suffix == TEXT
        before, after = q.around
        assert before + q.expected + after in TEXT
        assert q.prefix.endswith(before)
        assert q.suffix.startswith(after)


def test_extents() -> None:
    for q in asked():
        assert ("\n" in q.expected) == (q.kind == "multi_line")
        assert q.suffix.startswith("\n")
        if q.case == "indentation":
            assert not q.prefix.rsplit("\n", 1)[-1].strip()


def test_prose_is_not_asked_for() -> None:
    for q in asked():
        first = q.prefix.rsplit("\n", 1)[-1] + q.expected.split("\n")[0]
        assert not any(word in first for word in ("module", "several", "Return names", "comment"))


def test_the_same_seed_asks_the_same() -> None:
    assert asked() == asked()
    assert asked() != questions(DOCUMENTS, 60, 2)
