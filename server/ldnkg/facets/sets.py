"""Sets of numbers: as bytes in a file, as the bits of one integer in memory, where to intersect is quick."""

from array import array
from collections.abc import Iterable, Iterator, Sequence

_LISTED, _BITS = b"l", b"b"


def packed(numbers: Sequence[int]) -> bytes:
    """A set as bytes: a list where it has few members for its span, else a bit for each number.

    >>> list(members(unpacked(packed([3, 1000])))), list(members(unpacked(packed([1, 2, 3]))))
    ([3, 1000], [1, 2, 3])
    """
    listed = array("I", numbers).tobytes()
    return _LISTED + listed if len(listed) < max(numbers, default=0) / 8 else _BITS + _bytes(numbers)


def unpacked(data: bytes) -> int:
    """The set as an integer whose bit n is set for a member n."""
    if data[:1] == _BITS:
        return int.from_bytes(data[1:], "little")
    numbers = array("I")
    numbers.frombytes(data[1:])
    return of(numbers)


def of(numbers: Iterable[int]) -> int:
    """The set of some numbers."""
    return int.from_bytes(_bytes(list(numbers)), "little")


def members(bits: int) -> Iterator[int]:
    """The numbers of a set, the lowest first."""
    for at, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            yield from (at * 8 + bit for bit in range(8) if byte >> bit & 1)


def _bytes(numbers: Sequence[int]) -> bytes:
    found = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        found[number >> 3] |= 1 << (number & 7)
    return bytes(found)
