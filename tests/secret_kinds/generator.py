"""Secrets made up by seed, in the surroundings in which code holds them.

``kinds.txt`` has one template per kind, after the vendors' documentation. Nothing generated is
stored, and templates are cut by a ¦, so that no scanner takes this repository for a leak. Knows
nothing of the rules.
"""

import random
import re
import string
from dataclasses import dataclass
from pathlib import Path

ALPHABETS = {
    "d": string.digits,
    "h": "0123456789abcdef",
    "H": "0123456789ABCDEF",
    "a": string.ascii_letters,
    "l": string.ascii_lowercase + string.digits,
    "U": string.ascii_uppercase + string.digits,
    "b": string.ascii_letters + string.digits,
    "w": string.ascii_letters + string.digits + "_-",
    "x": string.ascii_letters + string.digits + "+/",
    "2": string.ascii_uppercase + "234567",
    "p": string.ascii_letters + string.digits + "!*-_+.^~",
}
NEUTRAL = ("value", "x", "data", "setting", "thing", "first_of_them")
"""Names that tell nothing: a token with a shape must be found by its shape."""

AROUND = (
    '{name} = "{secret}"',
    "{name} = '{secret}'",
    'config = {{"{name}": "{secret}", "debug": True}}',
    "export {NAME}={secret}",
    "{NAME}={secret}",
    'url = "https://api.example.org/v1/items?{name}={secret}&page=2"',
    'headers = {{"X-{Header}": "{secret}"}}',
    '  "{camel}": "{secret}",',
    "  {name}: {secret}",
    '  {name}: "{secret}"',
    'client = Client("https://api.example.org", {name}="{secret}", timeout=3)',
    "const {camel} = '{secret}';",
    '{camel} := "{secret}"',
    "    '{name}' => '{secret}',",
    'os.environ["{NAME}"] = "{secret}"',
    'private static final String {NAME} = "{secret}";',
    "# {name}: {secret}",
)
PLAIN = ("{secret}", "    {secret}", '    "{secret}",', "text = '''\n{secret}\n'''", "# {secret}")
"""For what is a line of its own: headers, URLs, PEM files."""

BEFORE = "import os\n\n\nclass Shop:\n    def total(self, prices):\n        return sum(prices)\n\n"
AFTER = "\n\ndef main():\n    for number in range(10):\n        print(number)\n"

_PART = re.compile(r"\{([dhHalUbwx2p])(\d+)(?:-(\d+))?\}")


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` of the kind, its template, and the variable's name where it has no shape."""

    name: str
    template: str
    variable: str = ""

    def draw(self, dice: random.Random) -> str:
        """Return one secret of this kind."""

        def part(match: re.Match[str]) -> str:
            least = int(match[2])
            return random_text(match[1], dice.randint(least, int(match[3] or least)), dice)

        return _PART.sub(part, self.template.replace("¦", ""))


def random_text(alphabet: str, length: int, dice: random.Random) -> str:
    """Return ``length`` characters of an alphabet of ``ALPHABETS``."""
    return "".join(dice.choices(ALPHABETS[alphabet], k=length))


def kinds() -> list[Kind]:
    """Return every kind of ``kinds.txt``."""
    lines = Path(__file__).with_name("kinds.txt").read_text("utf-8").splitlines()
    return [Kind(*line.split(" | ")) for line in lines if line and not line.startswith("# ")]


def in_code(secret: str, variable: str, dice: random.Random) -> str:
    """Return a piece of code that holds the secret, assigned to ``variable`` or to any name."""
    name = variable or dice.choice(NEUTRAL)
    words = name.split("_")
    if variable or not re.search(r'[\s"$:]', secret):
        template = dice.choice(AROUND)
    else:
        template = dice.choice(PLAIN)
    line = template.format(
        secret=secret,
        name=name,
        NAME=name.upper(),
        camel=words[0] + "".join(word.title() for word in words[1:]),
        Header="-".join(word.title() for word in words),
    )
    return BEFORE + line + AFTER


def corpus(seed: int, each: int) -> list[tuple[str, str]]:
    """Return ``each`` pieces of code per kind, with the kind's name."""
    dice = random.Random(seed)
    return [
        (kind.name, in_code(kind.draw(dice), kind.variable, dice))
        for kind in kinds()
        for _ in range(each)
    ]
