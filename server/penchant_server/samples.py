"""Before and after, on neutral code: what the base model writes at a few places, and what the live
version writes there.

The places are our own, so nothing of a developer's code is asked with; what a version writes may
still show what it learned. Nothing is kept. Knows nothing of HTTP and of pages.
"""

from dataclasses import dataclass

from pydantic import BaseModel

from penchant_core.wire import CompletionRequest, CompletionResponse, PenchantRequest
from penchant_server.gateway import Gateway

MOST_TOKENS = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Python before and after a cursor."""

    title: str
    prefix: str
    suffix: str


PLACES = (
    Place(
        "The parameters of a function",
        "import json\n\n\ndef load_settings(",
        "\n    with open(path) as file:\n        return json.load(file)\n",
    ),
    Place(
        "The beginning of a function",
        "def greet(name):\n    ",
        "\n\n\nprint(greet('Ada'))\n",
    ),
    Place(
        "A sum over a list",
        "def total(items):\n    total = 0\n    for item in items:\n        ",
        "\n    return total\n",
    ),
    Place(
        "A constructor",
        "class Account:\n    def __init__(self, owner, balance):\n        ",
        "\n\n    def deposit(self, amount):\n        self.balance += amount\n",
    ),
)


class Sample(BaseModel):
    """One place with what was written there; ``after`` is null where somebody else answered."""

    title: str
    prefix: str
    suffix: str
    before: str
    after: str | None


class Samples(BaseModel):
    """All places; ``adapter`` is null, and there are none, while the base model serves."""

    base_model: str
    adapter: str | None
    version: str | None
    samples: list[Sample]


async def samples(gateway: Gateway) -> Samples:
    """Ask the engine twice at each place; raises EngineError when it does not answer."""
    target = gateway.router.line("auto", "")[0]
    served = target.served_by
    found = []
    if served.adapter:
        for place in PLACES:
            before = await _ask(gateway, place, gateway.base.name)
            after = await _ask(gateway, place, target.engine_model)
            found.append(_sample(place, before, after, served.version))
    return Samples(
        base_model=gateway.base.name,
        adapter=served.adapter,
        version=served.version,
        samples=found,
    )


def _sample(
    place: Place, before: CompletionResponse, after: CompletionResponse, version: str | None
) -> Sample:
    # The version may have been retired since: then the base model answered for it.
    true = after.penchant is not None and after.penchant.version == version
    return Sample(
        title=place.title,
        prefix=place.prefix,
        suffix=place.suffix,
        before=before.choices[0].text if before.choices else "",
        after=after.choices[0].text if true and after.choices else None,
    )


async def _ask(gateway: Gateway, place: Place, model: str) -> CompletionResponse:
    request = CompletionRequest(
        model=model,
        prompt=place.prefix,
        suffix=place.suffix,
        max_tokens=MOST_TOKENS,
        penchant=PenchantRequest(language="python"),
    )
    return await gateway.completer.whole(request)
