"""Copying never makes more of probability than there is, and finds what a plain search finds."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.copying import LENGTHS, Copier, Copying, Nearby, mixed

TRUST = Copying(prefix_chars=9, suffix_chars=9, context_chars=9, trust={5: 0.2, 10: 0.3, 32: 0.5})
CODE = st.text(alphabet="ab(). \n\0é", max_size=120)


def letters(text: str) -> list[int]:
    return [ord(char) % 50 for char in text]


@given(CODE, st.lists(CODE, max_size=3), CODE, st.booleans())
def test_shares_are_what_the_model_trusts_in_all(prefix, texts, written, one_line):
    copier = Copier(TRUST, Nearby(prefix, tuple(texts), one_line), letters)
    found = copier.shares(written)
    assert all(part > 0 for part in found.values())
    total = sum(found.values())
    assert not found or any(abs(total - trusted) < 1e-9 for trusted in TRUST.trust.values())
    assert found == copier.shares(written)


@given(CODE, CODE, CODE)
def test_what_is_proposed_stands_after_the_same_characters(prefix, text, written):
    copier = Copier(TRUST, Nearby(prefix, (text,)), letters)
    sources = [part.replace("\0", "") for part in (prefix, text)]
    tail = (prefix[-64:].replace("\0", "") + written)[-LENGTHS[-1] :]
    followers = {
        ord(source[at + len(tail)]) % 50
        for source in sources
        for at in range(len(source) - len(tail))
        if len(tail) == LENGTHS[-1] and source.startswith(tail, at)
    }
    assert set(copier.shares(written)) <= followers


@given(
    st.lists(st.floats(-30, 30, width=32), min_size=50, max_size=50),
    st.dictionaries(st.integers(0, 49), st.floats(0.001, 0.02), max_size=20),
)
def test_a_mixed_row_is_a_distribution_and_others_stay(scores, shares):
    rows = torch.tensor([scores, scores])
    found = mixed(rows, 0, shares)
    assert torch.equal(found[1], rows[1])
    chances = found[0].softmax(-1)
    assert abs(float(chances.sum()) - 1) < 1e-4
    before = rows[0].softmax(-1) * (1 - sum(shares.values()))
    for token in range(50):
        expected = float(before[token]) + shares.get(token, 0.0)
        assert abs(float(chances[token]) - expected) < 1e-4
