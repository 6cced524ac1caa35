from bench.typing_trace import Passage, distinct, passages, right

from penchant_trainer.pretrain.questions import Question

BLOCK = "for value in values:\n    total += value\n    if total > limit:\n        break"


def question(path: str = "app.py") -> Question:
    before, after = "def sum_up(values):\n    ", "\n    return total\n"
    return Question(
        "multi_line", "indentation", "work", path, before, after, BLOCK, (before, after)
    )


def replayed(passage: Passage) -> str:
    text = ""
    for key in passage.keys:
        text = text + key.text if key.text else text[:-1]
    return text


def test_the_keys_write_what_stood_there():
    for seed in range(30):
        (passage,) = passages([question()], 200, seed)
        assert replayed(passage) == BLOCK


def test_a_limit_ends_a_passage_early():
    (passage,) = passages([question()], 12, 1)

    assert 12 <= len(passage.keys) <= 14
    assert BLOCK.startswith(replayed(passage))


def test_every_key_knows_what_is_still_to_be_written():
    (passage,) = passages([question()], 200, 1)

    text = ""
    for key in passage.keys:
        text = text + key.text if key.text else text[:-1]
        assert not key.rest or text + key.rest == BLOCK
    assert passage.keys[0].rest


def test_some_letters_are_mistyped_and_taken_back():
    keys = [key for seed in range(30) for key in passages([question()], 200, seed)[0].keys]

    backspaces = [number for number, key in enumerate(keys) if not key.text]
    assert 0 < len(backspaces) < len(keys) / 20
    assert all(not keys[number - 1].rest for number in backspaces)


def test_the_same_seed_types_alike_and_time_goes_on():
    first, again = (passages([question()], 200, 5)[0] for _ in range(2))
    times = [key.at_s for key in first.keys]

    assert first == again
    assert times == sorted(set(times))
    assert passages([question()], 200, 6)[0] != first


def test_a_new_line_takes_its_indentation_with_it_and_a_thought():
    (passage,) = passages([question()], 200, 1)
    keys = list(passage.keys)
    line = next(number for number, key in enumerate(keys) if key.text == "\n    ")

    assert keys[line + 1].at_s - keys[line].at_s > 0.7


def test_no_file_is_asked_twice():
    taken: set[tuple[str, str]] = set()

    first = list(distinct([question("a.py"), question("a.py"), question("b.py")], taken))
    second = list(distinct([question("b.py"), question("c.py")], taken))

    assert [each.path for each in (*first, *second)] == ["a.py", "b.py", "c.py"]


def test_right_is_what_is_written_next_up_to_the_lines_end():
    assert right("total += value", "total += value\n    if")
    assert right("total += value\n    something else", "total += value\n    if")
    assert right("total +=", "total += value")
    assert not right("total -= value", "total += value")
    assert not right("\n", "total")
    assert not right("total", "")
