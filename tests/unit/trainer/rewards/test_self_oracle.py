"""The base model as its own judge: a real, tiny causal model, no text generated."""

import math

import pytest

from penchant_trainer.rewards.self_oracle import MAX_TOKENS, SelfOracle


@pytest.fixture(scope="module")
def oracle() -> SelfOracle:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=128,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=2 * MAX_TOKENS,
    )
    network = Qwen2ForCausalLM(config).eval()
    return SelfOracle(network, lambda text: [ord(c) % 128 for c in text], "tiny")


def test_yes_is_weighed_against_no(oracle: SelfOracle) -> None:
    import torch

    (found,) = oracle.probabilities(["Is it good? Answer:"])
    sums = []
    for said in (" yes", " no"):
        ids = torch.tensor([[ord(c) for c in "Is it good? Answer:" + said]])
        with torch.inference_mode():
            log_p = torch.log_softmax(oracle._network(input_ids=ids).logits[0].float(), -1)
        start = ids.shape[1] - len(said)
        sums.append(sum(float(log_p[i - 1, ids[0, i]]) for i in range(start, ids.shape[1])))
    assert found == pytest.approx(math.exp(sums[0]) / sum(map(math.exp, sums)), rel=1e-4)


def test_long_questions_keep_their_end(oracle: SelfOracle) -> None:
    long = oracle.probabilities(["x" * 3 * MAX_TOKENS + "Answer:"])
    assert long == oracle.probabilities(["x" * MAX_TOKENS + "Answer:"])
    assert oracle.name == "self (tiny)"
