"""The trivial writers do what they say."""

from penchant_trainer.pretrain.baselines import MostFrequent, nearest_line
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.questions import Question

ABOVE = "def f(self):\n    self.names = sorted(names)\n    self.count = len(names)\n"


def at(prefix: str) -> Question:
    return Question("single_line", "mid_line", "p", "a.py", prefix, "\n", "?", ("", ""))


def test_the_rest_of_the_most_similar_line_is_repeated() -> None:
    assert nearest_line(at(ABOVE + "    self.other = l")).text == "en(names)"
    assert nearest_line(at(ABOVE + "    self.count")).text == " = len(names)"


def test_after_an_indentation_what_followed_the_same_line_is_repeated() -> None:
    prefix = "try:\n    a()\nexcept E:\n    pass\ntry:\n    b()\nexcept E:\n    "
    assert nearest_line(at(prefix)).text == "pass"
    assert nearest_line(at("")).text == ""


def test_the_most_frequent_rest_wins() -> None:
    text = "import os\n" * 3 + "import sys\n" * 5 + "x = import_it\n"
    writer = MostFrequent([Document("p", "a.py", text)])
    assert writer(at("import")).text == " sys"
    assert writer(at("import ")).text == "sys"
    assert writer(at("    ")).text == "import sys"
    assert writer(at("unheard of")).text == "import sys"
