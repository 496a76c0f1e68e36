"""Controls of use cases: how far they are, and the evidence for it."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.canonical import sha256
from caio_portal.common.errors import Invalid, require
from caio_portal.common.models import StoredFile
from governance.models import ControlState, Evidence, EvidenceUse, Grade, State
from governance.policy import Policy
from governance.rules import controls as rules
from governance.selectors.policies import policy_in_force
from portfolio.models import UseCase


@transaction.atomic
def set_control_state(use_case_id: int, control: str, state: State, *, by: User, reason: str = "") -> ControlState:
    """Say how far a use case is with a control."""
    use_case = locked(use_case_id)
    title = _control_title(policy_in_force(), control)
    current = state_of(use_case, control)
    require(rules.objection_to_set_control(by, use_case, state, reason, _valid_evidence(current)))
    if (current.state, current.reason) == (state, reason.strip()):
        return current
    return change_state(use_case, current, state, reason=reason.strip(), title=title, by=by)


@transaction.atomic
def record_evidence(
    use_case_id: int,
    controls: Sequence[str],
    title: str,
    *,
    by: User,
    file: StoredFile | None = None,
    url: str = "",
    attestation: str = "",
    valid_until: date | None = None,
    met: bool = False,
) -> Evidence:
    """Record a file, a link or an attestation for one or several controls; MET says that it shows them to be met.

    Without a day it is valid for as long as the policy says, and never for longer.
    """
    use_case, policy = locked(use_case_id), policy_in_force()
    require(rules.objection_to_work_on_controls(by, use_case))
    titles = {control: _control_title(policy, control) for control in controls}
    content = _checked(title, controls, file, url.strip(), attestation.strip())
    evidence = Evidence.objects.create(
        title=title.strip(), file=file, url=url.strip(), attestation=attestation.strip(), sha256=content, by=by,
        recorded_at=clock.now(), valid_until=_last_day(policy, controls, valid_until),
    )  # fmt: skip
    for control, control_title in titles.items():
        current = state_of(use_case, control)
        reached = State.MET if met else State.IN_PROGRESS
        if current.state == State.NOT_STARTED or (met and current.state != State.MET):
            current = change_state(use_case, current, reached, reason="", title=control_title, by=by)
        EvidenceUse.objects.create(evidence=evidence, control_state=current)
    record(
        "evidence.recorded", use_case, by=by, evidence=evidence.title, control=", ".join(titles.values()),
        sha256=content, valid_until=evidence.valid_until,
    )  # fmt: skip
    return evidence


@transaction.atomic
def grade_evidence(use_case_id: int, evidence_id: int, grade: Grade, *, by: User) -> Evidence:
    """Say how well a piece of evidence shows what it should."""
    use_case, evidence = _locked_evidence(use_case_id, evidence_id)
    require(rules.objection_to_grade(by, use_case, evidence, grade))
    evidence.grade, evidence.graded_by = grade, by
    evidence.save(update_fields=["grade", "graded_by"])
    record("evidence.graded", use_case, by=by, evidence=evidence.title, grade=Grade(grade).label.lower())
    return evidence


@transaction.atomic
def withdraw_evidence(use_case_id: int, evidence_id: int, *, by: User) -> Evidence:
    """Take back a piece of evidence: it is kept, and counts no more."""
    use_case, evidence = _locked_evidence(use_case_id, evidence_id)
    require(rules.objection_to_withdraw(by, use_case, evidence))
    evidence.withdrawn_at = clock.now()
    evidence.save(update_fields=["withdrawn_at"])
    record("evidence.withdrawn", use_case, by=by, evidence=evidence.title)
    return evidence


def locked(use_case_id: int) -> UseCase:
    """The use case, nobody else writing to its controls until the end of the transaction."""
    use_cases = UseCase.objects.select_for_update(of=("self",), no_key=True)
    return use_cases.select_related("unit").prefetch_related("people").get(pk=use_case_id)


def state_of(use_case: UseCase, control: str) -> ControlState:
    """The state of a control; a fresh object while nothing was said about it."""
    known = ControlState.objects.filter(use_case=use_case, control=control).first()
    return known or ControlState(use_case=use_case, control=control)


def change_state(
    use_case: UseCase, current: ControlState, state: State, *, reason: str, title: str, by: User
) -> ControlState:
    """Write the state of a control with its event."""
    before = current.get_state_display()
    current.state, current.reason, current.changed_at, current.changed_by = state, reason, clock.now(), by
    current.save()
    record(
        "control.set", use_case, by=by, control=f"{current.control} {title}", before=before,
        after=State(state).label, reason=reason,
    )  # fmt: skip
    return current


def _control_title(policy: Policy, control: str) -> str:
    try:
        return policy.control(control).title
    except KeyError:
        raise Invalid(f"The policy has no control {control}.", "control") from None


def _valid_evidence(state: ControlState) -> int:
    if state.pk is None:
        return 0
    pieces = Evidence.objects.filter(uses__control_state=state)
    return sum(piece.is_valid(clock.today()) for piece in pieces)


def _last_day(policy: Policy, controls: Sequence[str], wanted: date | None) -> date | None:
    """The shortest validity of the controls, or the day wanted if that is earlier."""
    if wanted is not None and wanted < clock.today():
        raise Invalid("Evidence that is no longer valid shows nothing.", "valid_until")
    days = [control.valid_days for control in map(policy.control, controls) if control.valid_days]
    longest = clock.today() + timedelta(days=min(days)) if days else None
    return min((day for day in (wanted, longest) if day), default=None)


def _checked(title: str, controls: Sequence[str], file: StoredFile | None, url: str, attestation: str) -> str:
    """The SHA-256 of what the evidence is; Invalid unless it is one thing with a title."""
    if not title.strip():
        raise Invalid("Give the evidence a title.", "title")
    if not controls:
        raise Invalid("Say for which control it counts.", "control")
    if [bool(file), bool(url), bool(attestation)].count(True) != 1:
        raise Invalid("Evidence is one thing: a file, a link or an attestation.", "file")
    if url:
        try:
            URLValidator(schemes=["http", "https"])(url)
        except ValidationError:
            raise Invalid("A link begins with https:// and names a page.", "url") from None
    return file.sha256 if file else sha256(url or attestation)


def _locked_evidence(use_case_id: int, evidence_id: int) -> tuple[UseCase, Evidence]:
    use_case = locked(use_case_id)
    pieces = Evidence.objects.filter(uses__control_state__use_case=use_case).distinct()
    return use_case, pieces.get(pk=evidence_id)
