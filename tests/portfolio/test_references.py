"""References are gapless and never given twice, however many ask at once."""

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from portfolio import references


@pytest.mark.django_db
def test_take():
    assert references.take("UC", 2026) == ["UC-2026-0001"]
    assert references.take("UC", 2026, 3) == ["UC-2026-0002", "UC-2026-0003", "UC-2026-0004"]
    assert references.take("R", 2026) == ["R-2026-0001"]
    assert references.take("UC", 2027) == ["UC-2027-0001"]


@pytest.mark.django_db
def test_take_beyond_four_digits():
    references.take("UC", 2026, 9_999)

    assert references.take("UC", 2026) == ["UC-2026-10000"]


@pytest.mark.django_db(transaction=True)
def test_take_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError):
        references.take("UC", 2026)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_leaves_no_gap():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        references.take("UC", 2026)
        1 / 0  # noqa: B018

    with transaction.atomic():
        assert references.take("UC", 2026) == ["UC-2026-0001"]


@pytest.mark.django_db(transaction=True)
def test_a_race_for_references():
    barrier, taken = Barrier(4), []

    def register() -> None:
        try:
            barrier.wait()
            for count in (1, 5, 2):
                with transaction.atomic():
                    taken.extend(references.take("UC", 2026, count))
        finally:
            connection.close()

    threads = [Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == [f"UC-2026-{number:04d}" for number in range(1, 33)]
