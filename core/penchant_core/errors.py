"""Every error Penchant raises on purpose, in one tree.

    PenchantError
    ├── ConfigError            a setting is missing, unknown or out of range
    ├── StoreError             the signal log cannot be opened, read or written
    ├── ConsentError           something asked for more than was consented to
    ├── FimError               the model declares no usable FIM tokens
    ├── GatewayError           the gateway did not give a completion
    │   ├── GatewayUnavailable     nobody listens, or it is starting
    │   ├── GatewayTimeout         no answer within the deadline
    │   └── GatewayRefused         it answered, and said no
    ├── EngineError            the process that generates failed
    ├── AdapterError           an adapter could not be used
    │   ├── AdapterRejected        its files break a rule
    │   ├── AdapterMismatch        it was trained for another base model
    │   └── AdapterNotFound        no such owner or version
    └── TrainError             a run could not go on

Raised low, caught at process edges only. A message says what to do next and never holds a
developer's code.
"""


class PenchantError(Exception):
    """Base of all errors that Penchant raises; ``exit_code`` is what a command exits with."""

    exit_code = 1


class ConfigError(PenchantError):
    """A setting is missing, unknown or out of range."""

    exit_code = 2


class StoreError(PenchantError):
    """The signal log cannot be opened, read or written."""


class ConsentError(PenchantError):
    """Something asked for more than was consented to."""


class FimError(PenchantError):
    """The model declares no fill-in-the-middle tokens that Penchant knows."""


class GatewayError(PenchantError):
    """The gateway did not give a completion."""


class GatewayUnavailable(GatewayError):
    """Nobody listens at the gateway's address, or it is still starting."""


class GatewayTimeout(GatewayError):
    """The gateway gave no answer within the deadline."""


class GatewayRefused(GatewayError):
    """The gateway answered with an error; ``status`` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type["GatewayRefused"], tuple[str, int]]:
        return (type(self), (str(self), self.status))


class EngineError(PenchantError):
    """The process that generates text failed or answered nonsense."""


class AdapterError(PenchantError):
    """An adapter could not be used."""


class AdapterRejected(AdapterError):
    """An adapter's files break a rule of the store."""


class AdapterMismatch(AdapterError):
    """An adapter was trained for another base model."""


class AdapterNotFound(AdapterError):
    """There is no such owner or version in the store."""


class TrainError(PenchantError):
    """A training run could not go on."""
