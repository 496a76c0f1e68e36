"""Which cells of a workbook are dates, and how a date is written as text."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

# Number formats of ECMA-376 part 1, 18.8.30, that show a date or a time.
_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_CODES = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_LAST_DAY = 2_958_465  # 31 December 9999
_MICROSECONDS = 86_400_000_000


class Dates:
    """Writes numeric cells as text: those with a date's style as `2024-10-01 00:00:00`."""

    def __init__(self, styles: frozenset[str], epoch_1904: bool) -> None:
        self._styles = styles
        # Day 1 is 1 January 1900; Excel counts a 29 February 1900 that never was.
        self._epoch = datetime.fromisoformat("1904-01-01" if epoch_1904 else "1899-12-30")

    def text(self, raw: str, style: str) -> str:
        if style not in self._styles:
            return raw.removesuffix(".0")
        try:
            days = float(raw)
        except ValueError:
            return raw
        if not 0 <= days < _LAST_DAY:
            return raw
        moment = self._epoch + timedelta(seconds=round(days * _MICROSECONDS / 1e6))
        return moment.strftime("%H:%M:%S") if days < 1 else moment.isoformat(sep=" ")


def dates_in(elements: Iterable[tuple[str, dict[str, str]]], epoch_1904: bool) -> Dates:
    """Find the cell styles that show dates among the elements of `xl/styles.xml`."""
    formats: set[str] = {str(number) for number in _BUILT_IN}
    styles: set[str] = set()
    inside = False
    index = 0
    for name, attributes in elements:
        if name == "numFmt" and _shows_date(attributes.get("formatCode", "")):
            formats.add(attributes.get("numFmtId", ""))
        elif name == "cellXfs":
            inside = True
        elif name in ("cellStyles", "dxfs", "tableStyles"):
            inside = False
        elif name == "xf" and inside:
            if attributes.get("numFmtId") in formats:
                styles.add(str(index))
            index += 1
    return Dates(frozenset(styles), epoch_1904)


def _shows_date(code: str) -> bool:
    return any(letter in "dmyhs" for letter in _NOT_CODES.sub("", code).lower())
