"""Thrift's compact protocol, as far as Parquet's headers use it: structures become dicts by field number."""

import struct
from typing import Any

from caio_portal.common.uploads.limits import Refused

DEEPEST, LONGEST = 24, 2_000_000  # of structures in each other; of a list
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)


class Thrift:
    """Reads from DATA on; `at` is where the next byte stands."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def structure(self, depth: int = 0) -> dict[int, Any]:
        if depth > DEEPEST:
            raise Refused("The Parquet file is damaged: its description is nested too deeply.")
        found: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._signed()
            found[field] = self._value(head & 15, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _BYTE:
            return self._byte()
        if kind in (_I16, _I32, _I64):
            return self._signed()
        if kind == _DOUBLE:
            return struct.unpack("<d", self._take(8))[0]
        if kind == _BINARY:
            return self._take(self._varint())
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind == _STRUCT:
            return self.structure(depth + 1)
        raise Refused("The Parquet file is damaged: its description cannot be read.")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        length = self._varint() if head >> 4 == 15 else head >> 4
        if length > LONGEST:
            raise Refused("The Parquet file is damaged: a list in its description is too long.")
        kind = head & 15
        if kind in (_TRUE, _FALSE):
            return [self._byte() == _TRUE for _ in range(length)]
        return [self._value(kind, depth + 1) for _ in range(length)]

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        if count < 0 or len(taken) != count:
            raise Refused("The Parquet file breaks off.")
        self.at += count
        return taken

    def _varint(self) -> int:
        value = shift = 0
        while shift < 70:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise Refused("The Parquet file is damaged: a number has no end.")

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
