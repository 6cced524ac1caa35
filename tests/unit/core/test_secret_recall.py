"""How many made-up secrets are found, how much ordinary code is taken for one, by seed.

The first corpus is made of the vendors' formats that the rules were written for: it guards them.
The second is drawn from the expressions of detect-secrets, which know nothing of ours.
"""

import random
import re
from collections import Counter
from importlib import import_module

import pytest
from secret_kinds.generator import corpus, in_code, kinds
from secret_kinds.innocent import windows
from secret_kinds.sampler import sample

from penchant_core.redaction import rules, secret_in

EACH = 8
PLUGINS = (
    "artifactory.ArtifactoryDetector",
    "aws.AWSKeyDetector",
    "azure_storage_key.AzureStorageKeyDetector",
    "discord.DiscordBotTokenDetector",
    "github_token.GitHubTokenDetector",
    "gitlab_token.GitLabTokenDetector",
    "jwt.JwtTokenDetector",
    "mailchimp.MailchimpDetector",
    "npm.NpmDetector",
    "openai.OpenAIDetector",
    "private_key.PrivateKeyDetector",
    "pypi_token.PypiTokenDetector",
    "sendgrid.SendGridDetector",
    "slack.SlackDetector",
    "square_oauth.SquareOAuthDetector",
    "stripe.StripeDetector",
    "telegram_token.TelegramBotTokenDetector",
    "twilio.TwilioKeyDetector",
)
"""detect-secrets' detectors of tokens with a shape; not those by keyword, entropy or address."""


def _detectors() -> list[object]:
    pytest.importorskip("detect_secrets", reason="the second opinion is a development dependency")
    found = []
    for name in PLUGINS:
        module, _, plugin = name.partition(".")
        found.append(getattr(import_module(f"detect_secrets.plugins.{module}"), plugin)())
    return found


def test_there_are_many_kinds() -> None:
    assert len({kind.name for kind in kinds()}) == len(kinds()) >= 200


@pytest.mark.parametrize("seed", [1, 2])
def test_secrets_of_every_kind_are_found(seed: int) -> None:
    made = corpus(seed, EACH)
    missed = Counter(kind for kind, text in made if secret_in([text]) is None)
    assert sum(missed.values()) <= 0.01 * len(made), missed
    assert max(missed.values(), default=0) <= EACH / 2, missed  # no kind is given up


@pytest.mark.parametrize("seed", [3, 4])
def test_ordinary_code_is_left_alone(seed: int) -> None:
    alarms = [(place, name) for place, text in windows(seed, 1000) if (name := secret_in([text]))]
    assert len(alarms) <= 5, alarms


def test_what_others_draw_is_found() -> None:
    """Strings drawn from detect-secrets' own expressions, put under names that tell nothing."""
    dice, made, missed = random.Random(8), 0, Counter[str]()
    for detector in _detectors():
        for expression in detector.denylist:
            for _ in range(20):
                text = sample(expression, dice)
                if not list(detector.analyze_string(text)):
                    continue  # look-arounds are not drawn, and some are checked further
                made += 1
                code = text if re.search(r"[\"'\s]", text) else in_code(text, "", dice)
                missed[detector.secret_type] += secret_in([code]) is None
    assert made >= 400
    assert sum(missed.values()) <= 0.05 * made, (made, missed)


def test_what_others_find_we_find_too() -> None:
    """Where the two disagree in our own corpus, it is never we who are silent."""
    detectors, disagreements = _detectors(), Counter[str]()
    for kind, text in corpus(5, 4):
        line_findings = [
            detector.secret_type
            for detector in detectors
            for line in text.splitlines()
            if list(detector.analyze_string(line))
        ]
        if line_findings and secret_in([text]) is None:
            disagreements[f"{kind}: {line_findings[0]}"] += 1
    assert not disagreements


def _repeats(items: object) -> list[int]:
    """The upper bounds of every repetition, nested ones multiplied."""
    from re import _constants as code

    found: list[int] = []
    for kind, value in items:  # type: ignore[attr-defined]
        if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
            found += [int(value[1]) * inner for inner in _repeats(value[2]) or [1]]
        elif kind is code.SUBPATTERN:
            found += _repeats(value[3])
        elif kind is code.BRANCH:
            found += [bound for branch in value[1] for bound in _repeats(branch)]
        elif kind in (code.ASSERT, code.ASSERT_NOT):
            found += _repeats(value[1])
    return found


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_every_repetition_is_bounded(rule: object) -> None:
    """So no text, however hostile, costs more than a constant per character."""
    from re import _parser

    pattern = rule.pattern  # type: ignore[attr-defined]
    bounds = _repeats(_parser.parse(pattern.pattern, pattern.flags))
    assert max(bounds, default=1) <= 1000
