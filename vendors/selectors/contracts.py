"""Contracts: their clauses, and when notice is due."""

from dataclasses import dataclass
from datetime import date, timedelta

from caio_portal.common import clock, words
from vendors import criteria
from vendors.models import Contract, VendorQuerySet

RENEWALS_AHEAD = timedelta(days=400)
NOTICE_SOON = timedelta(days=60)


@dataclass(frozen=True)
class ContractRow:
    contract: Contract
    clauses: tuple[tuple[str, str, str], ...]  # title, tone, words
    in_force: bool
    notice_tone: str
    notice_words: str


def contract_row(contract: Contract) -> ContractRow:
    today = clock.today()
    in_force = contract.starts_on <= today <= contract.ends_on
    tone, words_ = _notice(contract, today)
    return ContractRow(contract, clauses_of(contract), in_force, tone, words_)


def _notice(contract: Contract, today: date) -> tuple[str, str]:
    if contract.ends_on < today:
        return "neutral", "Ended"
    if contract.notice_by < today:
        return "bad", "Notice day has passed"
    if contract.notice_by - today <= NOTICE_SOON:
        return "warn", f"{words.plural((contract.notice_by - today).days, 'day')} left"
    return "good", "In time"


def clauses_of(contract: Contract) -> tuple[tuple[str, str, str], ...]:
    """Each clause asked for: its title, a tone, and whether it was agreed."""
    said = {True: ("good", "Agreed"), False: ("bad", "Not agreed"), None: ("neutral", "Not known")}
    return tuple((clause.title, *said[contract.clauses.get(clause.key)]) for clause in criteria.current().clauses)


def renewals(vendors: VendorQuerySet) -> list[ContractRow]:
    """Contracts of VENDORS in force whose end lies within the next year, by the day of notice."""
    today = clock.today()
    rows = Contract.objects.filter(vendor__in=vendors.active(), ends_on__gte=today, ends_on__lte=today + RENEWALS_AHEAD)
    return [contract_row(row) for row in rows.select_related("vendor").order_by("notice_by", "vendor__name")]
