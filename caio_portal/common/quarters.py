"""Calendar quarters, written as in addresses and tables: 2026Q3."""

import re
from datetime import date, timedelta
from typing import Self

PATTERN = r"^[0-9]{4}Q[1-4]$"


class Quarter(str):
    """A quarter as its text, so that it sorts and stores as such."""

    def __new__(cls, text: str) -> Self:
        if not re.fullmatch(PATTERN, text):
            raise ValueError(f"{text} is not a quarter: write it as 2026Q3.")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(f"{day.year:04}Q{(day.month + 2) // 3}")

    @property
    def year(self) -> int:
        return int(self[:4])

    @property
    def number(self) -> int:
        return int(self[5])

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter(f"{self.year + self.number // 4:04}Q{self.number % 4 + 1}")

    @property
    def previous(self) -> "Quarter":
        return Quarter.of(self.first_day - timedelta(days=1))

    @property
    def months(self) -> tuple[date, date, date]:
        """The first days of its three months."""
        first = 3 * self.number - 2
        return (date(self.year, first, 1), date(self.year, first + 1, 1), date(self.year, first + 2, 1))

    @property
    def label(self) -> str:
        return f"{ORDINALS[self.number - 1]} quarter {self.year}"

    def back(self, count: int) -> "Quarter":
        """The quarter COUNT quarters before this one."""
        index = self.year * 4 + self.number - 1 - count
        return Quarter(f"{index // 4:04}Q{index % 4 + 1}")


ORDINALS = ("First", "Second", "Third", "Fourth")
