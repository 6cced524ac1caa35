"""Changes one value in the user's settings file and leaves the rest as it was written.

Comments and order stay (tomlkit). The whole file is validated with the change before it is written,
so that no command leaves behind a file that the next one refuses. Knows nothing of environment and
flags.
"""

from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from penchant_core.config import check_layer, literal, setting
from penchant_core.errors import ConfigError
from penchant_core.paths import write_private


def set_value(path: Path, name: str, raw: str) -> object:
    """Set ``section.key`` to ``raw`` in the file at ``path``; return the value as it was read.

    Raises ConfigError when there is no such setting, the value does not fit, or the file cannot be
    read or written.
    """
    section, _, key = name.partition(".")
    if setting(section, key) is None:
        raise ConfigError(f"there is no setting {name!r}; `penchant config show` lists them")
    document = _document(path)
    value = literal(name, raw)
    table = document.setdefault(section, tomlkit.table())
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {section!r} is no [section]; mend the file first")
    table[key] = value
    check_layer(document.unwrap(), str(path))
    _write(path, tomlkit.dumps(document))
    return value


def _document(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text("utf-8"))
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, ValueError, RecursionError, TOMLKitError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; mend or remove it") from error


def _write(path: Path, text: str) -> None:
    try:
        write_private(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror})") from error
