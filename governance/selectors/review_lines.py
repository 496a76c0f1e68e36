"""The lines of a review's page: one for each seat and each finding."""

from dataclasses import dataclass

from governance.decisions import Choice
from governance.models import Comment, Finding, ReviewSeat, Severity, Vote
from governance.selectors.tones import CHOICE_TONES, SEVERITY_TONES


@dataclass(frozen=True)
class SeatLine:
    """A seat with the votes cast on it, the last one first."""

    seat: ReviewSeat
    votes: list[Vote]
    is_open: bool

    @property
    def last(self) -> Vote | None:
        """The vote that counts: the present holder's last one."""
        return next((vote for vote in self.votes if vote.voter_id == self.seat.holder_id), None)

    @property
    def tone(self) -> str:
        return CHOICE_TONES[Choice(self.last.choice)] if self.last else "neutral"

    @property
    def needs_holder(self) -> bool:
        """A mandatory seat that nobody can vote on until the CAIO appoints somebody."""
        if not self.is_open or not self.seat.mandatory:
            return False
        return self.seat.holder_id is None or (self.last is not None and self.last.choice == Choice.RECUSE)


@dataclass(frozen=True)
class FindingLine:
    finding: Finding
    function: str
    control: str  # that it requires, in words
    is_older: bool  # on a snapshot that has been replaced
    thread: list[Comment]

    @property
    def tone(self) -> str:
        return SEVERITY_TONES[Severity(self.finding.severity)]
