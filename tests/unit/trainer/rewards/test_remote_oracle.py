"""A model at an address: how its answers are read, and what it is never asked."""

import math
import time
from collections.abc import Iterator

import pytest
from pydantic import ValidationError
from unit.trainer.rewards.judging import NO, YES, JudgeServer, judge_server

from penchant_core.judging_settings import JudgingSettings
from penchant_core.redaction import rules
from penchant_trainer.rewards.judge import JudgeError
from penchant_trainer.rewards.remote_oracle import RemoteOracle

QUESTIONS = ["----- suggestion\ngood\n", "----- suggestion\nbad\n"]
SURE = math.exp(YES) / (math.exp(YES) + math.exp(NO))


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with judge_server() as running:
        yield running


def settings(server: JudgeServer, **more: object) -> JudgingSettings:
    return JudgingSettings.model_validate({"judge": server.url, "timeout_s": 5.0, **more})


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_yes_and_no_are_read_from_log_probabilities(server: JudgeServer, api: str) -> None:
    with RemoteOracle(settings(server, api=api)) as oracle:
        assert oracle.name == "tiny at 127.0.0.1"
        found = oracle.probabilities(QUESTIONS)
    assert found == pytest.approx([SURE, 1 - SURE])


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_else_from_the_words(server: JudgeServer, api: str) -> None:
    server.mode = "words"
    with RemoteOracle(settings(server, api=api)) as oracle:
        assert oracle.probabilities(QUESTIONS) == [1.0, 0.0]
        server.mode = "mumbling"
        assert oracle.probabilities(QUESTIONS) == [None, None]


@pytest.mark.parametrize("mode", ["garbage", "other shape", "broken"])
def test_what_cannot_be_read_is_no_opinion_until_it_is_all_there_is(
    server: JudgeServer, mode: str
) -> None:
    with RemoteOracle(settings(server)) as oracle:
        server.mode = mode
        assert oracle.probabilities(QUESTIONS[:1]) == [None]
        server.mode = "logprobs"
        assert None not in oracle.probabilities(QUESTIONS)
        server.mode = mode
        with pytest.raises(JudgeError, match="3 times in a row"):
            oracle.probabilities(QUESTIONS * 4)


def test_a_slow_server_is_not_waited_for(server: JudgeServer) -> None:
    with RemoteOracle(settings(server, timeout_s=0.2)) as oracle:
        server.mode = "slow"
        begun = time.monotonic()
        assert oracle.probabilities(QUESTIONS) == [None, None]
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("mode", "said"), [("refusing", "PENCHANT_JUDGE_KEY"), ("redirecting", "HTTP 307")]
)
def test_a_refusal_says_what_to_do(server: JudgeServer, mode: str, said: str) -> None:
    with RemoteOracle(settings(server)) as oracle:
        server.mode = mode
        with pytest.raises(JudgeError, match=said) as caught:
            oracle.probabilities(["secret code of the developer"])
    assert "secret code" not in str(caught.value)


def test_nobody_listens() -> None:
    nowhere = JudgingSettings(judge="http://127.0.0.1:9")
    with pytest.raises(JudgeError, match="no model answers at"), RemoteOracle(nowhere):
        pass


def test_the_key_comes_from_the_environment(
    server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_JUDGE_KEY", "k1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # must not be asked
    with RemoteOracle(settings(server)) as oracle:
        oracle.probabilities(QUESTIONS[:1])
    assert server.keys == ["Bearer k1"]


# privacy


def test_another_host_must_be_allowed_by_name() -> None:
    with pytest.raises(ValidationError, match="sends your code there"):
        JudgingSettings(judge="https://api.example.com/v1")
    with pytest.raises(ValidationError, match="sends your code there"):
        JudgingSettings(judge="http://127.0.0.1.example.com/v1")
    allowed = JudgingSettings(judge="https://api.example.com/v1", send_code_to=["api.example.com"])
    assert allowed.host == "api.example.com"


@pytest.mark.parametrize("address", ["chat", "ftp://127.0.0.1", "http://", "http://a:b@127.0.0.1"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ValidationError):
        JudgingSettings(judge=address)


def test_a_question_with_a_secret_is_not_sent_to_another_host(server: JudgeServer) -> None:
    key = next(s for rule in rules() if "github" in rule.name for s in rule.samples)
    elsewhere = JudgingSettings(
        judge="http://judge.example.com:9/v1",
        send_code_to=["judge.example.com"],
        model="tiny",
        timeout_s=0.2,
    )
    with RemoteOracle(elsewhere) as oracle:
        found = oracle.probabilities([f'token = "{key}"'] * 9)
        assert found == [None] * 9, "asking nine times would have failed three times in a row"
    with RemoteOracle(settings(server)) as oracle:  # this machine may be asked
        oracle.probabilities([f'token = "{key}"'])
    assert len(server.asked) == 1
