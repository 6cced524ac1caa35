"""Writes scalars into a file that TensorBoard reads.

A file is a row of frames, each a length and its checksum, the bytes of one ``Event``, and their
checksum. Only numbers under a name can be written: there is no way for a text to get in. Without a
library, because TensorBoard's own writer brings a web server and gRPC with it, and the format has
stayed the same since 2015. Sources: TensorFlow's ``record_writer.cc``, ``event.proto`` and
``summary.proto``; CRC-32C as in RFC 3720, appendix B.4; the encoding of protocol buffers.
"""

import os
import struct
from collections.abc import Mapping
from pathlib import Path

from penchant_core.paths import FILE_MODE

_POLYNOMIAL = 0x82F63B78
_MASK = 0xA282EAD8


class EventFile:
    """One file, written from its start; each call is one step. Raises OSError."""

    def __init__(self, path: Path, at: float) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        # Unbuffered: a run that is killed loses nothing, and curves are seen while it goes on.
        self._file = os.fdopen(os.open(path, flags, FILE_MODE), "wb", buffering=0)
        self._write(_double(1, at) + _bytes(3, b"brain.Event:2"))

    def add(self, values: Mapping[str, float], step: int, at: float) -> None:
        """Write the values of one step; ``at`` in seconds since the epoch."""
        summary = b"".join(
            _bytes(1, _bytes(1, name.encode()) + _float(2, value)) for name, value in values.items()
        )
        self._write(_double(1, at) + _varint(2 << 3) + _varint(step) + _bytes(5, summary))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, event: bytes) -> None:
        length = struct.pack("<Q", len(event))
        frame = length + struct.pack("<I", masked_crc(length))
        self._file.write(frame + event + struct.pack("<I", masked_crc(event)))


def masked_crc(data: bytes) -> int:
    """Return the CRC-32C of ``data``, turned and shifted as record files hold it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + _MASK) & 0xFFFFFFFF


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = tuple(map(_entry, range(256)))


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)
