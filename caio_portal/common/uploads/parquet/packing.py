"""How Parquet packs bytes: Snappy, LZ4, gzip, Zstandard, and runs of small numbers."""

import sys
import zlib
from collections.abc import Callable

from caio_portal.common.uploads.limits import PART_BYTES, Refused

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_REFUSED = {3: "LZO", 4: "Brotli"}
_WINDOW = 27  # the greatest that Zstandard may look back, as a power of two: what its own tool allows
_DAMAGED = "The Parquet file is damaged: a page cannot be unpacked."


def unpacked(data: bytes, codec: int, size: int) -> bytes:
    """The bytes of a page; SIZE is how many its header promises."""
    if not 0 <= size <= PART_BYTES:
        raise Refused("A page of the Parquet file is too large.", "bomb")
    if codec not in _CODECS:
        name = _REFUSED.get(codec, "something unknown")
        sentence = f"The Parquet file is packed with {name}. Write it with Zstandard, Snappy, LZ4, gzip or without."
        raise Refused(sentence, "no_table")
    found = _CODECS[codec](data, size)
    if len(found) != size:
        raise Refused(_DAMAGED)
    return found


def _gzip(data: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj(wbits=47).decompress(data, size + 1)
    except zlib.error:
        raise Refused(_DAMAGED) from None


def _zstandard(data: bytes, size: int) -> bytes:
    """Never more than was promised, and one byte to tell that there is more."""
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW}
    try:
        return zstd.ZstdDecompressor(options=options).decompress(data, max_length=size + 1)
    except (zstd.ZstdError, EOFError):
        raise Refused(_DAMAGED) from None


def _lz4_framed(data: bytes, size: int) -> bytes:
    """Blocks as Hadoop frames them: both lengths, four bytes each, before every block; newer writers leave them out."""
    out, at = bytearray(), 0
    while len(data) - at > 8:
        length, packed = (int.from_bytes(data[at + skip : at + skip + 4], "big") for skip in (0, 4))
        if length > size - len(out) or packed > len(data) - at - 8:
            return _lz4(data, size)
        out += _lz4(data[at + 8 : at + 8 + packed], length)
        at += 8 + packed
    return bytes(out) if len(out) == size else _lz4(data, size)


def _lz4(data: bytes, size: int) -> bytes:
    """Literals, each with a copy of what came before. Source: lz4_Block_format.md of LZ4."""
    out, at, end = bytearray(), 0, len(data)
    while at < end:
        token = data[at]
        count, at = _lz4_length(data, token >> 4, at + 1)
        out += data[at : at + count]
        at += count
        if at >= end:
            break
        offset = int.from_bytes(data[at : at + 2], "little")
        count, at = _lz4_length(data, token & 15, at + 2)
        _repeat(out, offset, count + 4, size)
    return bytes(out)


def _lz4_length(data: bytes, count: int, at: int) -> tuple[int, int]:
    """Fifteen says that more follows, byte by byte, as long as they are 255."""
    more = 255 if count == 15 else 0
    while more == 255:
        if at >= len(data):
            raise Refused(_DAMAGED)
        more = data[at]
        count, at = count + more, at + 1
    return count, at


def _repeat(out: bytearray, offset: int, count: int, size: int) -> None:
    """Add a copy of COUNT bytes that begin OFFSET bytes before the end."""
    start = len(out) - offset
    if offset == 0 or start < 0 or len(out) + count > size:
        raise Refused(_DAMAGED)
    piece = bytes(out[start : start + count])
    while len(piece) < count:  # it reaches into itself: what is there repeats
        piece += piece
    out += piece[:count]


def _snappy(data: bytes, size: int) -> bytes:
    """Literals, and copies of what came before. Source: format_description.txt of Snappy."""
    length, at = _varint(data, 0)
    if length != size:
        raise Refused(_DAMAGED)
    out = bytearray()
    end = len(data)
    while at < end:
        tag = data[at]
        at += 1
        if not tag & 3:
            count = (tag >> 2) + 1
            if count > 60:
                extra = count - 60
                count = int.from_bytes(data[at : at + extra], "little") + 1
                at += extra
            out += data[at : at + count]
            at += count
        else:
            count, offset, at = _copy(data, tag, at)
            _repeat(out, offset, count, size)
        if len(out) > size:
            raise Refused(_DAMAGED)
    return bytes(out)


def _copy(data: bytes, tag: int, at: int) -> tuple[int, int, int]:
    """Length, distance, and where the next tag stands."""
    kind = tag & 3
    if kind == 1:
        return ((tag >> 2) & 7) + 4, (tag >> 5) << 8 | int.from_bytes(data[at : at + 1], "little"), at + 1
    width = 2 if kind == 2 else 4
    return (tag >> 2) + 1, int.from_bytes(data[at : at + width], "little"), at + width


_CODECS: dict[int, Callable[[bytes, int], bytes]] = {
    0: lambda data, size: data,
    1: _snappy,
    2: _gzip,
    5: _lz4_framed,
    6: _zstandard,
    7: _lz4,
}


def runs(data: bytes, width: int, count: int) -> list[int]:
    """COUNT numbers of WIDTH bits: runs of one number, and groups of eight side by side."""
    if not 0 <= width <= 32:
        raise Refused(_DAMAGED)
    found: list[int] = []
    at, size, mask = 0, (width + 7) // 8, (1 << width) - 1
    while len(found) < count:
        if at >= len(data):
            raise Refused("The Parquet file breaks off.")
        head, at = _varint(data, at)
        if head & 1:
            groups = min(head >> 1, (count - len(found) + 7) // 8)
            bits = int.from_bytes(data[at : at + groups * width], "little")
            at += (head >> 1) * width
            found += [(bits >> (place * width)) & mask for place in range(groups * 8)]
        else:
            value = int.from_bytes(data[at : at + size], "little")
            at += size
            found += [value] * min(head >> 1, count - len(found))
            if not head:
                raise Refused(_DAMAGED)
    return found[:count]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 36:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise Refused(_DAMAGED)
