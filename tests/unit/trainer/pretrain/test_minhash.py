"""Near-duplicates are found, different texts are not."""

import random

from penchant_trainer.pretrain.minhash import NearDuplicates, signature, similarity


def text(seed: int, words: int = 400) -> str:
    chance = random.Random(seed)
    return " ".join(f"word{chance.randrange(5000)}" for _ in range(words))


def jaccard(left: str, right: str) -> float:
    def shingles(t: str) -> set[tuple[str, ...]]:
        w = t.split()
        return {tuple(w[i : i + 5]) for i in range(len(w) - 4)}

    a, b = shingles(left), shingles(right)
    return len(a & b) / len(a | b)


def test_the_estimate_is_close_to_the_true_similarity() -> None:
    base = text(1)
    for share in (0.02, 0.1, 0.3):
        chance = random.Random(2)
        changed = " ".join("other" if chance.random() < share / 5 else w for w in base.split())
        found = similarity(signature(base), signature(changed))
        assert abs(found - jaccard(base, changed)) < 0.2


def test_a_nearly_equal_text_is_seen_and_a_different_one_is_not() -> None:
    known = NearDuplicates(0.7)
    known.add(signature(text(1)))
    assert known.seen(signature(text(1) + " end"))
    assert not known.seen(signature(text(2)))


def test_tiny_texts_have_signatures_too() -> None:
    assert similarity(signature(""), signature("")) == 1
    assert similarity(signature("a b"), signature("c d")) < 0.5
