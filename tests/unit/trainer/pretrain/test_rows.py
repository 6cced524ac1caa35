"""Rows hold whole samples and lose nothing; shards give back what was put in."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.errors import TrainError
from penchant_trainer.pretrain.rows import MIDDLE, PAD, TEXT, Packer, Rows, ids_and_kinds, write

END = 0
TOKENS = st.lists(st.integers(1, 9000), max_size=30)


@given(st.lists(st.tuples(TOKENS, st.none() | TOKENS), max_size=60))
def test_no_token_is_lost_and_no_sample_is_cut(
    given_: list[tuple[list[int], list[int] | None]],
) -> None:
    packer = Packer(32, END)
    rows = [row for ids, middle in given_ for row in packer.add(ids, middle)]
    rows += list(packer.rest())
    assert all(len(row) == 32 for row in rows)
    fitting = [(i, m) for i, m in given_ if m is not None and len(i) + len(m) + 1 <= 32]
    assert packer.too_long == sum(m is not None for _, m in given_) - len(fitting)
    ids, kinds = ids_and_kinds(np.stack(rows)) if rows else (np.zeros(0), np.zeros(0))
    assert (kinds == MIDDLE).sum() == sum(len(m) + 1 for _, m in fitting)
    assert not ids[kinds == PAD].any()
    joined = [",".join(map(str, row)) for row in ids]
    for prompt, middle in fitting:
        whole = ",".join(map(str, [*prompt, *middle, END]))
        assert any(whole in row for row in joined)


def test_plain_text_fills_rows_up() -> None:
    packer = Packer(16, END)
    assert not list(packer.add(list(range(1, 40)), None))
    assert not list(packer.add([7] * 6, [8] * 3))
    (row,) = packer.rest()
    ids, kinds = ids_and_kinds(row)
    assert ids.tolist() == [7] * 6 + [8] * 3 + [END] + list(range(1, 7))
    assert kinds.tolist() == [TEXT] * 6 + [MIDDLE] * 4 + [TEXT] * 6


def test_shards_give_rows_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penchant_trainer.pretrain.rows.SHARD_BYTES", 2 * 4 * 3)
    made = [np.full(4, number, np.uint16) for number in range(8)]
    index = write(iter(made), tmp_path, 4)
    assert index["rows"] == [3, 3, 2]
    rows = Rows(tmp_path)
    assert len(rows) == 8
    assert rows.take([7, 0, 3])[:, 0].tolist() == [7, 0, 3]


def test_missing_rows_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="pretrain tokenizer"):
        Rows(tmp_path)
