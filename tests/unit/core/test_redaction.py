"""Each rule finds its samples, bare and in code; ordinary code is left alone."""

import ast

import pytest

from penchant_core.redaction import IGNORED_FILES, Searched, ignored, rules, secret_in

SAMPLES = [(rule.name, sample) for rule in rules() for sample in rule.samples]
EMBEDDINGS = [
    "{}",
    'TOKEN = "{}"',
    "    client = connect('{}', timeout=3)  # test\n",
    "export TOKEN={}\nexport OTHER=1\n",
    "import os\n\n\ndef f():\n    return g({{'key': '{}'}})\n",
]


@pytest.mark.parametrize(("name", "sample"), SAMPLES, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("embedding", EMBEDDINGS, ids=range(len(EMBEDDINGS)))
def test_every_sample_is_found_by_its_rule(name: str, sample: str, embedding: str) -> None:
    text = embedding.format(sample)
    rule = next(rule for rule in rules() if rule.name == name)
    assert rule.finds(Searched(text))
    assert secret_in(["innocent", text]) is not None


def test_the_table_is_in_order() -> None:
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names)) >= 20
    for rule in rules():
        assert rule.samples, rule.name
        assert all(word == word.lower() for word in rule.keywords), rule.name


INNOCENT = [
    "password = getpass.getpass()",
    'parser.add_argument("--api-key", help="the key")',
    "token = request.headers['Authorization']",
    'SECRET_KEY = os.environ["SECRET_KEY"]',
    "sha = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'",
    "user_id = '550e8400-e29b-41d4-a716-446655440000'",
    "https://example.org/path?x=1",
    "mysql://localhost/db",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_code_about_secrets_is_no_secret(text: str) -> None:
    assert secret_in([text]) is None


@pytest.mark.parametrize(
    "text",
    ["a" * 50_000, "sk." * 20_000, "://" * 20_000, "eyJ." * 12_000, "-----BEGIN " * 5000,
     "secret=" * 8000, ("A" * 40 + "\n") * 1200, "\u0130 key\n" * 5000],
    ids=range(8),
)  # fmt: skip
def test_hostile_text_holds_no_secret(text: str) -> None:
    """And is gone through; that this costs no more than its length is told by the rules' shape."""
    assert secret_in([text]) is None


def test_letters_that_grow_when_made_small_hide_nothing() -> None:
    assert len("\u0130".lower()) == 2
    assert secret_in(["\u0130\n" * 50 + "x = '" + SAMPLES[5][1] + "'"]) is not None


@pytest.mark.parametrize(
    "path",
    [".env", ".env.local", "config/prod.env", "certs/server.PEM", "a/id_rsa", "id_ed25519.pub",
     "secrets/x.py", "my_credentials.json", ".netrc", "deploy/kubeconfig.yaml", "x/main.tfstate"],
)  # fmt: skip
def test_files_that_are_never_recorded(path: str) -> None:
    assert ignored(path)


@pytest.mark.parametrize(
    ("path", "glob"),
    [
        ("private/a/b.py", "private/"),
        ("src/private/a.py", "private/"),
        ("src/private/a.py", "src/private/*"),
        ("src/private/deep/a.py", "src/private/**"),
        ("a.gen.py", "*.gen.py"),
        ("x/y/a.gen.py", "**/*.gen.py"),
        ("a.gen.py", "**/*.gen.py"),
        ("Src/A.py", "src/a.PY"),
        ("/abs/private/a.py", "private/"),
    ],
)
def test_globs_of_the_user(path: str, glob: str) -> None:
    assert ignored(path, [glob])
    assert not ignored(path)


@pytest.mark.parametrize("glob", ["", "/", "*.rs", "src", "rc/a.py", "src/a", "source/a"])
def test_globs_that_do_not_fit(glob: str) -> None:
    assert not ignored("source/a.py", [glob])


def test_the_fixed_globs_are_lower_case_and_parse() -> None:
    assert all(glob == glob.lower() for glob in IGNORED_FILES)
    ast.parse(repr(IGNORED_FILES))
