"""Who may open what: the truth that the declared policies are compared with."""

from datetime import timedelta
from typing import Any

from caio_portal.accounts.access import ANYONE
from caio_portal.accounts.roles import Role
from caio_portal.common import clock, files
from governance.models import (
    BusinessCalendar,
    Conflict,
    ControlState,
    Delegation,
    Evidence,
    EvidenceUse,
    Harm,
    IncidentAction,
    Meeting,
    MeetingAction,
    PolicyException,
    PolicyVersion,
    ReviewStep,
    Risk,
    SecondLook,
)
from governance.policy import shipped
from governance.services.council import fill_seat
from tests.factories import make_person, make_use_case
from tests.governance.factories import (
    make_condition,
    make_council,
    make_entry,
    make_incident,
    make_meeting,
    make_review,
    make_seat,
)

READERS = set(Role)
WRITERS = READERS - {Role.AUDITOR}
TRUSTED = {Role.CAIO, Role.CAIO_OFFICE, Role.COUNCIL_MEMBER, Role.REVIEWER, Role.EXECUTIVE, Role.AUDITOR}


def incident(unit, user):
    return {"ref": make_incident(unit, user, harm=Harm.DATA).ref}


def incident_clock(unit, user):
    return incident(unit, user) | {"clock": "gdpr-breach"}


def incident_action(unit, user):
    due_on = clock.today() + timedelta(days=7)
    owner = user or make_person()
    return {
        "pk": IncidentAction.objects.create(
            incident=make_incident(unit, user), text="Test joins", owner=owner, due_on=due_on
        ).pk
    }


def policy(unit, user):
    return {"number": shipped().number}


def draft(unit, user):
    document = shipped().model_dump(mode="json", by_alias=True, exclude_none=True) | {"number": "2030-01"}
    found, _ = PolicyVersion.objects.get_or_create(
        number="2030-01", defaults={"document": document, "sha256": "0", "proposed_by": make_person()}
    )
    return {"number": found.number}


def framework(unit, user):
    return {"framework": "eu-ai-act"}


def review(unit, user):
    return {"ref": make_review(unit, user).ref}


def spared_step(unit, user):
    examined = make_review(unit, user)
    step = ReviewStep.objects.create(
        review=examined, position=90, phase=9, kind="examine", function="hr", days=1, due_on=clock.today(),
        nothing_new_since=examined,
    )  # fmt: skip
    return {"ref": examined.ref, "pk": step.pk}


def decided_review(unit, user):
    return {"ref": make_condition(unit, user).decision.review.ref}


def review_seat(unit, user):
    return {**review(unit, user), "seat": 1}


def condition(unit, user):
    return {"pk": make_condition(unit, user).pk}


def approval(unit, user):
    return {"pk": make_condition(unit, user).decision_id}


def council(unit, user):
    return {"pk": make_council(unit).pk}


def council_seat(unit, user):
    return {"pk": make_seat(unit, user).pk}


def delegation(unit, user):
    day = clock.today()
    given = {"to": make_person(), "starts_on": day, "ends_on": day}
    return {"pk": Delegation.objects.create(seat=make_seat(unit, user), **given).pk}


def meeting(unit, user):
    return {"pk": make_meeting(unit).pk}


def agenda_entry(unit, user):
    return {"pk": make_entry(unit, user).pk}


def meeting_action(unit, user):
    owner = user or make_person()
    due_on = clock.today()
    return {"pk": MeetingAction.objects.create(meeting=make_meeting(unit), text="x", owner=owner, due_on=due_on).pk}


def meeting_paper(unit, user):
    """A member's, so that the paper opens."""
    meeting = make_meeting(unit)
    term = clock.today() + timedelta(days=365)
    fill_seat(meeting.council, "legal", "Legal", user or make_person(), by=None, term_ends_on=term)
    Meeting.objects.filter(pk=meeting.pk).update(pack=files.store("pack.pdf", b"%PDF", "application/pdf"))
    return {"pk": meeting.pk, "paper": "pack"}


def second_look(unit, user):
    decision = make_condition(unit, user).decision
    return {"pk": SecondLook.objects.create(decision=decision, drawn_at=clock.now(), due_on=clock.today()).pk}


def calendar(unit, user):
    return {"pk": BusinessCalendar.objects.values_list("pk", flat=True)[0]}


def conflict(unit, user):
    declared = Conflict(user=user or make_person(), unit=unit, reason="x", declared_at=clock.now())
    declared.save()
    return {"pk": declared.pk}


JUDGES = {Role.REVIEWER, Role.COUNCIL_MEMBER, Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE}
LOOKERS = {Role.REVIEWER, Role.COUNCIL_MEMBER, Role.CAIO, Role.CAIO_OFFICE, Role.AUDITOR}
RUNNING = (
    "build_agenda", "move_meeting", "open_meeting", "record_attendance", "plan_meeting_action", "close_meeting",
    "write_minutes", "request_pack",
)  # fmt: skip
OFFICE = {Role.CAIO, Role.CAIO_OFFICE}
CALENDARS = ("calendar_detail", "download_calendar", "edit_calendar")
OVERSEERS = {Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE, Role.AUDITOR}
REVIEW_PAGES = (
    "review_detail", "cast_vote", "recuse", "decide_review", "accept_risk", "report_finding", "return_review",
    "resubmit_review", "withdraw_review", "comment", "appeal", "download_receipt",
)  # fmt: skip
DRAFTING = (
    "propose_policy", "check_policy", "edit_policy", "try_policy", "publish_policy", "discard_policy",
    "comment_on_policy",
)  # fmt: skip
AFTER = ("appoint_holder", "meet_condition", "revoke_approval")


def control(unit, user):
    return {
        "ref": make_use_case(unit=unit, requester=user or make_person(), facts={"high_impact": "yes"}).ref,
        "control": "C05",
    }


def evidence(unit, user):
    use_case = make_use_case(unit=unit, requester=user or make_person())
    state = ControlState.objects.create(use_case=use_case, control="C05")
    file = files.store("report.txt", b"Fine.", "text/plain")
    piece = Evidence.objects.create(title="Report", file=file, sha256=file.sha256, by=None)
    EvidenceUse.objects.create(evidence=piece, control_state=state)
    return {"ref": use_case.ref, "pk": piece.pk}


def exception(unit, user):
    use_case = make_use_case(unit=unit, requester=user or make_person())
    granted = PolicyException.objects.create(
        use_case=use_case, control="C05", reason="x", compensating="y", approved_by=make_person(),
        expires_on=clock.today(),
    )  # fmt: skip
    return {"ref": use_case.ref, "pk": granted.pk}


def use_case(unit, user):
    """Of the reader, so that the forms open."""
    return {"ref": make_use_case(unit=unit, requester=user or make_person()).ref}


def risk(unit, user):
    owned = make_use_case(unit=unit, requester=make_person(), sponsor=user or make_person(), tier=1)
    scores = {"likelihood": 1, "impact": 1, "residual_likelihood": 1, "residual_impact": 1}
    return {"ref": owned.ref, "pk": Risk.objects.create(use_case=owned, title="x", owner=make_person(), **scores).pk}


def waiver(unit, user):
    use_case = make_use_case(unit=unit, requester=user or make_person())
    granted = PolicyException.objects.create(
        use_case=use_case, control="C14", kind="waiver", reason="x", compensating="y", approved_by=make_person(),
        expires_on=clock.today(), public_summary="z",
    )  # fmt: skip
    return {"pk": granted.pk}


CONTROLS = {
    "governance:ask_at_gate": lambda unit, user: {"ref": control(unit, user)["ref"], "stage": "production"},
    "governance:control_detail": control,
    "governance:set_control_state": control,
    "governance:record_evidence": control,
    "governance:grant_exception": control,
    "governance:except_requirement": lambda unit, user: {"ref": control(unit, user)["ref"], "requirement": "owner"},
    "governance:download_evidence": evidence,
    "governance:grade_evidence": evidence,
    "governance:withdraw_evidence": evidence,
    "governance:end_exception": exception,
    "governance:record_risk": use_case,
    "governance:assess_risk": risk,
    "governance:accept_residual_risk": risk,
    "governance:close_risk": risk,
}
WAIVERS = {Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE, Role.COUNCIL_MEMBER, Role.AUDITOR}
WHO_MAY: dict[str, Any] = {
    **dict.fromkeys(CONTROLS, ANYONE),
    "governance:accept_residual_risk": {Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE},
    "governance:policy_list": ANYONE,
    "governance:waiver_list": WAIVERS,
    "governance:waiver_detail": WAIVERS,
    "governance:report_waiver": OFFICE,
    "governance:policy_detail": ANYONE,
    "governance:download_policy": ANYONE,
    "governance:policy_changes": ANYONE,
    "governance:policy_trial": OFFICE | {Role.AUDITOR},
    **{f"governance:{name}": OFFICE for name in DRAFTING},
    "governance:readiness": READERS,
    "governance:framework_detail": READERS,
    **{f"governance:{name}": ANYONE for name in ("review_list", *REVIEW_PAGES, "meet_condition")},
    "governance:receipt_key": ANYONE,
    "governance:precedent_list": ANYONE,
    "governance:review_workload": OFFICE | {Role.AUDITOR},
    "governance:move_steps": OFFICE,
    "governance:ask_step": OFFICE,
    **dict.fromkeys(("governance:second_look_list", "governance:second_look_detail"), LOOKERS),
    "governance:download_proof": OFFICE | {Role.AUDITOR},
    "governance:sample_decisions": OFFICE | {Role.AUDITOR},
    "governance:appoint_holder": {Role.CAIO},
    "governance:revoke_approval": OFFICE,
    "governance:ask_at_gate": ANYONE,
    "governance:except_requirement": OFFICE,
    "governance:council_list": READERS,
    **{f"governance:{name}": READERS for name in ("calendar_list", *CALENDARS[:2])},
    **{f"governance:{name}": OFFICE for name in ("create_calendar", "check_calendar", "give_calendar", CALENDARS[2])},
    "governance:conflict_list": JUDGES | {Role.AUDITOR},
    "governance:end_conflict": JUDGES,
    "governance:fill_seat": OFFICE,
    "governance:call_meeting": OFFICE,
    "governance:delegate_seat": READERS,
    "governance:end_delegation": READERS,
    "governance:meeting_list": READERS,
    "governance:meeting_detail": READERS,
    **dict.fromkeys(
        (
            "governance:meeting_live",
            "governance:vote_consent",
            "governance:approve_minutes",
            "governance:finish_meeting_action",
            "governance:download_paper",
        ),
        READERS,
    ),
    **{f"governance:{name}": OFFICE for name in RUNNING},
    "governance:put_on_agenda": OFFICE,
    "governance:take_out_of_consent": READERS,
    "governance:incident_list": READERS,
    "governance:incident_detail": READERS,
    "governance:report_incident": WRITERS,
    "governance:edit_incident": WRITERS,
    "governance:mitigate_incident": WRITERS,
    "governance:resolve_incident": WRITERS,
    "governance:plan_action": WRITERS,
    "governance:finish_action": WRITERS,
    "governance:tell_authority": WRITERS,
}
OBJECTS = {
    **CONTROLS,
    "governance:policy_detail": policy,
    "governance:waiver_detail": waiver,
    "governance:report_waiver": waiver,
    "governance:download_policy": policy,
    "governance:policy_changes": policy,
    "governance:policy_trial": draft,
    **{f"governance:{name}": draft for name in DRAFTING if name not in ("propose_policy", "check_policy")},
    "governance:framework_detail": framework,
    **{f"governance:{name}": review for name in REVIEW_PAGES},
    "governance:download_receipt": decided_review,
    "governance:ask_step": spared_step,
    "governance:download_proof": decided_review,
    "governance:second_look_detail": second_look,
    "governance:appoint_holder": review_seat,
    "governance:meet_condition": condition,
    "governance:revoke_approval": approval,
    "governance:fill_seat": council,
    "governance:end_conflict": conflict,
    **{f"governance:{name}": calendar for name in CALENDARS},
    "governance:call_meeting": council,
    "governance:delegate_seat": council_seat,
    "governance:end_delegation": delegation,
    "governance:meeting_detail": meeting,
    "governance:meeting_live": meeting,
    "governance:vote_consent": meeting,
    "governance:approve_minutes": meeting,
    "governance:finish_meeting_action": meeting_action,
    "governance:download_paper": meeting_paper,
    **{f"governance:{name}": meeting for name in RUNNING},
    "governance:put_on_agenda": meeting,
    "governance:take_out_of_consent": agenda_entry,
    "governance:incident_detail": incident,
    "governance:edit_incident": incident,
    "governance:mitigate_incident": incident,
    "governance:resolve_incident": incident,
    "governance:plan_action": incident,
    "governance:finish_action": incident_action,
    "governance:tell_authority": incident_clock,
}
EVERYBODYS = {
    f"governance:{name}"
    for name in (
        "policy_detail",
        "framework_detail",
        "download_policy",
        "policy_changes",
        "policy_trial",
        *DRAFTING,
        *CALENDARS,
    )
}  # what all must obey, all may read
# Held for a whole organisation, these roles see its incidents and reviews; the tests' units are roots.
SEES_ALL = {
    **{name: TRUSTED for name in OBJECTS if "incident" in name or name.endswith(("_action", "_authority"))},
    **{
        f"governance:{name}": OVERSEERS
        for name in (*REVIEW_PAGES, *AFTER, "ask_step", "download_proof", "second_look_detail")
    },
}
