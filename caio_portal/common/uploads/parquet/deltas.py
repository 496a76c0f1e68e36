"""Values of Parquet that are stored as differences. Source: Encodings.md of the Parquet format, numbers 5, 6 and 7."""

from caio_portal.common.uploads.limits import Refused

MOST_IN_A_BLOCK = 65_536
_DAMAGED = "The Parquet file is damaged: its differences do not fit."


def numbers(data: bytes, count: int, bits: int) -> tuple[list[int], int]:
    """COUNT whole numbers of so many BITS, and where they end: each is the one before, a least step, and a rest."""
    block, at = varint(data, 0)
    parts, at = varint(data, at)
    total, at = varint(data, at)
    value, at = _signed(data, at)
    if total != count or not parts or not 0 < block <= MOST_IN_A_BLOCK or block % parts or parts > block:
        raise Refused(_DAMAGED)
    size, found = block // parts, [value] if count else []
    while len(found) < count:
        least, at = _signed(data, at)
        widths, at = data[at : at + parts], at + parts
        if len(widths) < parts:
            raise Refused(_DAMAGED)
        for width in widths:
            if len(found) >= count:  # what is not used has no bytes
                break
            rests, at = _packed(data, at, width, size)
            for rest in rests[: count - len(found)]:
                value += least + rest
                found.append(value)
    half = 1 << (bits - 1)
    return [(number + half) % (2 * half) - half for number in found], at


def texts(data: bytes, count: int) -> list[bytes]:
    """COUNT texts: all of their lengths, then all of their bytes."""
    lengths, at = numbers(data, count, 32)
    if any(length < 0 for length in lengths) or at + sum(lengths) > len(data):
        raise Refused(_DAMAGED)
    found = []
    for length in lengths:
        found.append(data[at : at + length])
        at += length
    return found


def shared(data: bytes, count: int) -> list[bytes]:
    """COUNT texts, each of which begins as the one before does: by so many bytes."""
    begun, at = numbers(data, count, 32)
    found: list[bytes] = []
    before = b""
    for length, rest in zip(begun, texts(data[at:], count), strict=True):
        if not 0 <= length <= len(before):
            raise Refused(_DAMAGED)
        before = before[:length] + rest
        found.append(before)
    return found


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and where it ends."""
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise Refused(_DAMAGED)


def _signed(data: bytes, at: int) -> tuple[int, int]:
    """Zigzag: 0, -1, 1, -2 are 0, 1, 2, 3."""
    value, at = varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _packed(data: bytes, at: int, width: int, count: int) -> tuple[list[int], int]:
    """COUNT numbers of WIDTH bits side by side, in groups of eight."""
    size = width * ((count + 7) // 8)
    if width > 64 or at + size > len(data):
        raise Refused(_DAMAGED)
    found, mask = [], (1 << width) - 1
    for start in range(at, at + size, width) if width else ():
        bits = int.from_bytes(data[start : start + width], "little")
        found += [(bits >> (place * width)) & mask for place in range(8)]
    return found[:count] if width else [0] * count, at + size
