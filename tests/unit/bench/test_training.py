"""The rows of the bare loop that a training step is set beside."""

from bench.training import UNLEARNED, _padded


def test_rows_are_padded_and_only_completions_are_learned():
    long = {"input_ids": [1, 2, 3], "completion_mask": [0, 0, 1]}
    short = {"input_ids": [4, 5], "completion_mask": [0, 1]}

    found = _padded([long, short], pad=9)

    assert found == {
        "input_ids": [[1, 2, 3], [4, 5, 9]],
        "attention_mask": [[1, 1, 1], [1, 1, 0]],
        "labels": [[UNLEARNED, UNLEARNED, 3], [UNLEARNED, 5, UNLEARNED]],
    }
