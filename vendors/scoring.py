"""The writers of scores and scorecards."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from caio_portal.common.quarters import Quarter
from vendors import computed, criteria, ports, rules, scorecard
from vendors.models import CriterionScore, Scorecard, Vendor

HUNDREDTH = Decimal("0.01")


@transaction.atomic
def score_criterion(
    vendor_id: int, quarter: str, criterion: str, score: Decimal | None, source: str, as_of: date, *, by: User
) -> CriterionScore:
    """Give a vendor 0 to 5 on a criterion (None: not known), on evidence of a day, and compute the scorecard anew."""
    return score_criteria(vendor_id, quarter, {criterion: score}, source, as_of, by=by)[0]


@transaction.atomic
def score_criteria(
    vendor_id: int, quarter: str, scores: Mapping[str, Decimal | None], source: str, as_of: date, *, by: User
) -> list[CriterionScore]:
    """Give a vendor 0 to 5 on several criteria, on the same evidence, and compute the scorecard once."""
    vendor = Vendor.objects.select_for_update().get(pk=vendor_id)
    given = []
    for criterion, score in scores.items():
        wanted = criteria.current().criterion(criterion)
        require(rules.objection_to_score(by, vendor, wanted, Quarter(quarter)))
        _check(score, source, as_of)
        row, _ = CriterionScore.objects.update_or_create(
            vendor=vendor, quarter=quarter, criterion=criterion,
            defaults={"score": score, "source": source, "as_of": as_of},
        )  # fmt: skip
        words = "not known" if score is None else f"{score.normalize():f} of 5"
        record("criterion.scored", vendor, by=by, criterion=wanted.title, score=words, quarter=quarter, source=source)
        given.append(row)
    compute_scorecard(vendor_id, quarter)
    return given


def _check(score: Decimal | None, source: str, as_of: date) -> None:
    if score is not None and not 0 <= score <= 5:
        raise Invalid("A score lies between 0 and 5.", field="score")
    if not source.strip():
        raise Invalid("Say on which evidence the score stands.", field="source")
    if as_of > clock.today():
        raise Invalid("Evidence cannot be from the future.", field="as_of")


@transaction.atomic
def compute_scorecard(vendor_id: int, quarter: str) -> Scorecard:
    """Score a vendor for a quarter from what is known; running it again replaces the numbers."""
    vendor = Vendor.objects.select_for_update().get(pk=vendor_id)
    rules_of_scoring, on = criteria.current(), min(Quarter(quarter).last_day, clock.today())
    _write_computed(vendor, quarter, rules_of_scoring, on)
    card = scorecard.score(rules_of_scoring, _known(vendor, quarter), on)
    before = Scorecard.objects.filter(vendor=vendor, quarter=quarter).first()
    saved, _ = Scorecard.objects.update_or_create(
        vendor=vendor,
        quarter=quarter,
        defaults={
            "criteria_version": card.criteria_version, "total": card.total, "coverage": card.coverage,
            "advice": card.advice, "reasons": list(card.reasons), "computed_at": clock.now(),
            "lines": [line.model_dump(mode="json") for line in card.lines],
            **{dimension.key: dimension.value for dimension in card.dimensions},
        },
    )  # fmt: skip
    if before is None or (before.total, before.advice) != (saved.total, saved.advice):
        record(
            "scorecard.computed", vendor, by=None, quarter=quarter, before=before.total if before else None,
            after=saved.total, advice=saved.get_advice_display().lower(), criteria_version=saved.criteria_version,
        )  # fmt: skip
    return saved


def compute_scorecards(quarter: str) -> int:
    """The scorecards of all active vendors for a quarter; returns how many."""
    keys = list(Vendor.objects.active().values_list("pk", flat=True))
    for vendor_id in keys:
        compute_scorecard(vendor_id, quarter)
    return len(keys)


def _write_computed(vendor: Vendor, quarter: str, rules_of_scoring: criteria.Criteria, on: date) -> None:
    values = computed.own_values(
        rules_of_scoring,
        vendor,
        list(vendor.assessments.all()),
        list(vendor.contracts.all()),
        list(vendor.products.all()),
        on,
    )
    values += [value for answer in ports.criterion_values.ask_all(vendor, quarter) for value in answer]
    by_name = {value.name: value for value in values}
    rows = []
    for criterion in rules_of_scoring.criteria:
        if not criterion.computed:
            continue
        value, scale = by_name.get(criterion.computed), rules_of_scoring.computed[criterion.computed]
        score = scale.score(value.value).quantize(HUNDREDTH) if value else None
        source = f"{value.value:.2f} {scale.uom}: {value.source}" if value else "Nothing was measured in the quarter"
        rows.append(
            CriterionScore(
                vendor=vendor,
                quarter=quarter,
                criterion=criterion.key,
                score=score,
                source=source[:300],
                as_of=value.as_of if value else on,
            )
        )
    CriterionScore.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["vendor", "quarter", "criterion"],
        update_fields=["score", "source", "as_of"],
    )  # fmt: skip


def _known(vendor: Vendor, quarter: str) -> dict[str, scorecard.Score]:
    """By criterion the score of the quarter, or else the last one before it: its evidence has aged since."""
    rows = vendor.criterion_scores.filter(quarter__lte=quarter).order_by("quarter")
    own = {c.key for c in criteria.current().criteria if c.computed}
    return {
        row.criterion: scorecard.Score(value=row.score, source=row.source, as_of=row.as_of)
        for row in rows
        if row.criterion not in own or row.quarter == quarter
    }
