"""Reads event files as TensorBoard does: frames with checksums, fields by their number."""

import struct
from collections.abc import Iterator
from pathlib import Path

from penchant_trainer.event_file import masked_crc

Points = dict[str, list[tuple[int, float]]]


def curves(directory: Path) -> Points:
    """Every curve below a run's directory as points (step, value)."""
    found: Points = {}
    for path in sorted(directory.glob("*tfevents*")):
        for event in list(events(path.read_bytes()))[1:]:
            fields = dict(_fields(event))
            for _, value in _fields(fields[5]):
                name, number = (data for _, data in _fields(value))
                assert isinstance(name, bytes)
                found.setdefault(name.decode(), []).append((int(fields[2]), float(number)))
    return found


def events(data: bytes) -> Iterator[bytes]:
    while data:
        length = struct.unpack("<Q", data[:8])[0]
        assert struct.unpack("<I", data[8:12])[0] == masked_crc(data[:8])
        event, crc = data[12 : 12 + length], data[12 + length : 16 + length]
        assert struct.unpack("<I", crc)[0] == masked_crc(event)
        yield event
        data = data[16 + length :]


def _fields(data: object) -> Iterator[tuple[int, object]]:
    assert isinstance(data, bytes)
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
        part, at = data[at : at + size], at + size
        yield key >> 3, part if kind == 2 else struct.unpack("<d" if kind == 1 else "<f", part)[0]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1
