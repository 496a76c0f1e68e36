from django.urls import path

from governance.views import (
    calendars,
    conflicts,
    controls,
    councils,
    decisions,
    drafts,
    gates,
    incidents,
    meetings,
    policies,
    precedents,
    receipts,
    returning,
    reviews,
    risks,
    second_looks,
    waivers,
    workload,
)

app_name = "governance"
_INCIDENTS = [
    path("incidents/", incidents.incident_list, name="incident_list"),
    path("incidents/new/", incidents.report_incident, name="report_incident"),
    path("incidents/<str:ref>/", incidents.incident_detail, name="incident_detail"),
    path("incidents/<str:ref>/edit/", incidents.edit_incident, name="edit_incident"),
    path("incidents/<str:ref>/mitigate/", incidents.mitigate_incident, name="mitigate_incident"),
    path("incidents/<str:ref>/resolve/", incidents.resolve_incident, name="resolve_incident"),
    path("incidents/<str:ref>/actions/new/", incidents.plan_action, name="plan_action"),
    path("incidents/<str:ref>/clocks/<slug:clock>/", incidents.tell_authority, name="tell_authority"),
    path("incidents/actions/<int:pk>/done/", incidents.finish_action, name="finish_action"),
]
_POLICIES = [
    path("policies/", policies.policy_list, name="policy_list"),
    path("policies/new/", drafts.propose_policy, name="propose_policy"),
    path("policies/check/", drafts.check_policy, name="check_policy"),
    path("policies/<str:number>/", policies.policy_detail, name="policy_detail"),
    path("policies/<str:number>/edit/", drafts.edit_policy, name="edit_policy"),
    path("policies/<str:number>/file/", drafts.download_policy, name="download_policy"),
    path("policies/<str:number>/changes/", drafts.policy_changes, name="policy_changes"),
    path("policies/<str:number>/trial/", drafts.policy_trial, name="policy_trial"),
    path("policies/<str:number>/try/", drafts.try_policy, name="try_policy"),
    path("policies/<str:number>/publish/", drafts.publish_policy, name="publish_policy"),
    path("policies/<str:number>/comments/", drafts.comment_on_policy, name="comment_on_policy"),
    path("policies/<str:number>/discard/", drafts.discard_policy, name="discard_policy"),
    path("readiness/", policies.readiness, name="readiness"),
    path("readiness/<slug:framework>/", policies.framework_detail, name="framework_detail"),
]
_REVIEWS = [
    path("reviews/", reviews.review_list, name="review_list"),
    path("second-looks/", second_looks.second_look_list, name="second_look_list"),
    path("second-looks/<int:pk>/", second_looks.second_look_detail, name="second_look_detail"),
    path("receipts/key/", receipts.receipt_key, name="receipt_key"),
    path("decisions/sample/", receipts.sample_decisions, name="sample_decisions"),
    path("reviews/<str:ref>/proof/", receipts.download_proof, name="download_proof"),
    path("precedents/", precedents.precedent_list, name="precedent_list"),
    path("reviews/workload/", workload.review_workload, name="review_workload"),
    path("reviews/workload/steps/", workload.move_steps, name="move_steps"),
    path("reviews/<str:ref>/", reviews.review_detail, name="review_detail"),
    path("reviews/<str:ref>/vote/", reviews.cast_vote, name="cast_vote"),
    path("reviews/<str:ref>/recuse/", reviews.recuse, name="recuse"),
    path("reviews/<str:ref>/decide/", reviews.decide_review, name="decide_review"),
    path("reviews/<str:ref>/risk/", reviews.accept_risk, name="accept_risk"),
    path("reviews/<str:ref>/findings/", reviews.report_finding, name="report_finding"),
    path("reviews/<str:ref>/return/", returning.return_review, name="return_review"),
    path("reviews/<str:ref>/resubmit/", reviews.resubmit_review, name="resubmit_review"),
    path("reviews/<str:ref>/withdraw/", reviews.withdraw_review, name="withdraw_review"),
    path("reviews/<str:ref>/appeal/", reviews.appeal, name="appeal"),
    path("reviews/<str:ref>/comments/", reviews.comment, name="comment"),
    path("reviews/<str:ref>/seats/<int:seat>/", reviews.appoint_holder, name="appoint_holder"),
    path("reviews/<str:ref>/steps/<int:pk>/ask/", workload.ask_step, name="ask_step"),
    path("reviews/<str:ref>/receipt/", receipts.download_receipt, name="download_receipt"),
    path("use-cases/<str:ref>/review/<slug:stage>/", gates.ask_at_gate, name="ask_at_gate"),
    path("conditions/<int:pk>/", decisions.meet_condition, name="meet_condition"),
    path("approvals/<int:pk>/revoke/", decisions.revoke_approval, name="revoke_approval"),
]
_COUNCILS = [
    path("conflicts/", conflicts.conflict_list, name="conflict_list"),
    path("conflicts/<int:pk>/end/", conflicts.end_conflict, name="end_conflict"),
    path("councils/", councils.council_list, name="council_list"),
    path("councils/<int:pk>/seats/", councils.fill_seat, name="fill_seat"),
    path("councils/<int:pk>/meetings/", councils.call_meeting, name="call_meeting"),
    path("councils/seats/<int:pk>/delegate/", councils.delegate_seat, name="delegate_seat"),
    path("councils/delegations/<int:pk>/end/", councils.end_delegation, name="end_delegation"),
    path("meetings/<int:pk>/", meetings.meeting_detail, name="meeting_detail"),
    path("meetings/<int:pk>/live/", meetings.meeting_live, name="meeting_live"),
    path("meetings/<int:pk>/build/", meetings.build_agenda, name="build_agenda"),
    path("meetings/<int:pk>/open/", meetings.open_meeting, name="open_meeting"),
    path("meetings/<int:pk>/attendance/", meetings.record_attendance, name="record_attendance"),
    path("meetings/<int:pk>/consent/", meetings.vote_consent, name="vote_consent"),
    path("meetings/<int:pk>/actions/", meetings.plan_meeting_action, name="plan_meeting_action"),
    path("meetings/actions/<int:pk>/done/", meetings.finish_meeting_action, name="finish_meeting_action"),
    path("meetings/<int:pk>/close/", meetings.close_meeting, name="close_meeting"),
    path("meetings/<int:pk>/minutes/", meetings.write_minutes, name="write_minutes"),
    path("meetings/<int:pk>/approve/", meetings.approve_minutes, name="approve_minutes"),
    path("meetings/<int:pk>/pack/", meetings.request_pack, name="request_pack"),
    path("meetings/<int:pk>/papers/<str:paper>/", meetings.download_paper, name="download_paper"),
    path("meetings/<int:pk>/agenda/", meetings.put_on_agenda, name="put_on_agenda"),
    path("meetings/entries/<int:pk>/take-out/", meetings.take_out_of_consent, name="take_out_of_consent"),
]
_CALENDARS = [
    path("calendars/", calendars.calendar_list, name="calendar_list"),
    path("calendars/new/", calendars.create_calendar, name="create_calendar"),
    path("calendars/check/", calendars.check_calendar, name="check_calendar"),
    path("calendars/units/", calendars.give_calendar, name="give_calendar"),
    path("calendars/<int:pk>/", calendars.calendar_detail, name="calendar_detail"),
    path("calendars/<int:pk>/edit/", calendars.edit_calendar, name="edit_calendar"),
    path("calendars/<int:pk>/file/", calendars.download_calendar, name="download_calendar"),
]
_CONTROL = "use-cases/<str:ref>/controls/<slug:control>/"
_WAIVERS = [
    path("waivers/", waivers.waiver_list, name="waiver_list"),
    path("waivers/<int:pk>/", waivers.waiver_detail, name="waiver_detail"),
    path("waivers/<int:pk>/report/", waivers.report_waiver, name="report_waiver"),
]
_EVIDENCE = "use-cases/<str:ref>/evidence/<int:pk>/"
_CONTROLS = [
    path(_CONTROL, controls.control_detail, name="control_detail"),
    path(f"{_CONTROL}state/", controls.set_control_state, name="set_control_state"),
    path(f"{_CONTROL}evidence/", controls.record_evidence, name="record_evidence"),
    path(f"{_CONTROL}exception/", controls.grant_exception, name="grant_exception"),
    path(f"{_EVIDENCE}file/", controls.download_evidence, name="download_evidence"),
    path(f"{_EVIDENCE}grade/", controls.grade_evidence, name="grade_evidence"),
    path(f"{_EVIDENCE}withdraw/", controls.withdraw_evidence, name="withdraw_evidence"),
    path(
        "use-cases/<str:ref>/requirements/<slug:requirement>/", controls.except_requirement, name="except_requirement"
    ),
    path("use-cases/<str:ref>/exceptions/<int:pk>/end/", controls.end_exception, name="end_exception"),
]
_RISKS = [
    path("use-cases/<str:ref>/risks/new/", risks.record_risk, name="record_risk"),
    path("use-cases/<str:ref>/risks/<int:pk>/assess/", risks.assess_risk, name="assess_risk"),
    path("use-cases/<str:ref>/risks/<int:pk>/accept/", risks.accept_residual_risk, name="accept_residual_risk"),
    path("use-cases/<str:ref>/risks/<int:pk>/close/", risks.close_risk, name="close_risk"),
]
urlpatterns = [*_POLICIES, *_WAIVERS, *_CONTROLS, *_RISKS, *_INCIDENTS, *_REVIEWS, *_COUNCILS, *_CALENDARS]
