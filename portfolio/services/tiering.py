"""What governance made of the facts, written to the use cases."""

from collections.abc import Sequence

from django.db import connection

from portfolio.models import UseCase

_SET = """
UPDATE use_case SET tier = new.tier, tier_provisional = new.provisional, material_hash = new.hash
FROM unnest(%s::bigint[], %s::smallint[], %s::boolean[], %s::text[]) AS new(id, tier, provisional, hash)
WHERE use_case.id = new.id
"""


def write_tiers(use_cases: Sequence[UseCase]) -> None:
    """Save tier, tier_provisional and material_hash of many use cases with one statement. Governance calls this."""
    columns = zip(*((u.pk, u.tier, u.tier_provisional, u.material_hash) for u in use_cases), strict=True)
    arrays = [list(column) for column in columns]
    if arrays:
        with connection.cursor() as cursor:
            cursor.execute(_SET, arrays)
