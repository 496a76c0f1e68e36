"""How Parquet packs bytes: Snappy, and runs of small numbers."""

import zlib

from caio_portal.common.uploads.limits import PART_BYTES, Refused

CODECS = {0: "uncompressed", 1: "Snappy", 2: "gzip", 3: "LZO", 4: "Brotli", 5: "LZ4", 6: "Zstandard", 7: "LZ4"}
_DAMAGED = "The Parquet file is damaged: a page cannot be unpacked."


def unpacked(data: bytes, codec: int, size: int) -> bytes:
    """The bytes of a page; SIZE is how many its header promises."""
    if not 0 <= size <= PART_BYTES:
        raise Refused("A page of the Parquet file is too large.", "bomb")
    if codec == 0:
        found = data
    elif codec == 1:
        found = _snappy(data, size)
    elif codec == 2:
        found = _gzip(data, size)
    else:
        name = CODECS.get(codec, "something unknown")
        raise Refused(f"The Parquet file is packed with {name}. Write it with Snappy, gzip or without.", "no_table")
    if len(found) != size:
        raise Refused(_DAMAGED)
    return found


def _gzip(data: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj(wbits=47).decompress(data, size + 1)
    except zlib.error:
        raise Refused(_DAMAGED) from None


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
            start = len(out) - offset
            if offset == 0 or start < 0:
                raise Refused(_DAMAGED)
            piece = bytes(out[start : start + count])
            while len(piece) < count:  # it reaches into itself: what is there repeats
                piece += piece
            out += piece[:count]
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
