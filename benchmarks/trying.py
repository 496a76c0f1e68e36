"""A draft of the policy over the whole portfolio: as imported, and over many times as many different use cases."""

import time
from statistics import median

from benchmarks import place
from benchmarks.measurement import Measurement

ROUNDS = 5
TIMES = 28  # copies of the federal inventory: 101,168 with the demonstration data
LIMIT_SECONDS, LIMIT_MANY_SECONDS = 1.5, 20


def measure() -> list[Measurement]:
    place.django()
    from django.db import transaction

    rounds = [_seconds() for _ in range(ROUNDS)]
    with transaction.atomic():
        many = _multiply()
        seconds, _ = _seconds()
        transaction.set_rollback(True)
    return [
        Measurement(
            f"try a policy over {rounds[0][1]:,} use cases", median(one for one, _ in rounds), "s", LIMIT_SECONDS
        ),
        Measurement(f"try a policy over {many:,} use cases", seconds, "s", LIMIT_MANY_SECONDS),
    ]


def _seconds() -> tuple[float, int]:
    """How long it takes against a policy of which every rule weighs one tier more, and over how many use cases."""
    from governance.policy import Policy, shipped
    from governance.selectors.policies import policy_in_force
    from governance.selectors.trials import try_policy

    document = shipped().model_dump(mode="json", by_alias=True, exclude_none=True)
    heavier = [rule | {"tier": min(rule["tier"] + 1, 4)} for rule in document["rules"]]
    draft, current = Policy.model_validate(document | {"number": "2099-01", "rules": heavier}), policy_in_force()
    begun = time.perf_counter()
    trial, _ = try_policy(current, draft)
    return time.perf_counter() - begun, trial.use_cases


def _multiply() -> int:
    """Copy what was imported, each copy with a spend of its own, so that hardly two have equal facts."""
    from django.db import connection

    from portfolio.models import UseCase

    made = {"id", "ref", "facts"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'use_case' AND is_generated = 'NEVER'"
        )
        columns = ", ".join(name for (name,) in cursor.fetchall() if name not in made)
        cursor.execute(
            f"INSERT INTO use_case (ref, facts, {columns}) "
            f"SELECT ref || '-' || n, facts || jsonb_build_object('spend_per_year', n), {columns} "
            "FROM use_case, generate_series(1, %s) n WHERE source = 'import'",
            [TIMES - 1],
        )
    return UseCase.objects.active().count()
