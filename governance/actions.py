"""What happens in governance, and how the audit trail tells it."""

POLICY = {
    "use_case.tiered": "{subject} was put in tier {tier} under policy {policy}.",
    "policy.applied": "{subject} was applied to {count} use cases.",
    "policy.proposed": "{actor} proposed {subject}.",
    "policy.edited": "{actor} changed {subject}.",
    "policy.commented": "{actor} commented on {subject}: {text}",
    "policy.discarded": "{actor} discarded {subject}.",
    "policy.review_unopened": "{subject} asks for a review that could not be opened. {reason}",
    "policy.published": "{actor} published {subject}, in force from {valid_from}.",
}
CONTROLS = {
    "control.set": "{actor} set {control} of {subject} from {before} to {after}.",
    "evidence.recorded": "{actor} recorded the evidence “{evidence}” for {control} of {subject}.",
    "evidence.graded": "{actor} graded the evidence “{evidence}” of {subject} as {grade}.",
    "evidence.withdrawn": "{actor} withdrew the evidence “{evidence}” of {subject}.",
    "exception.granted": "{actor} granted an exception from {what} to {subject} until {expires_on}.",
    "waiver.reported": "{actor} recorded that the {what} of a waiver of {subject} was reported on {on}.",
    "exception.ended": "{actor} ended the exception from {what} of {subject}.",
}
RISKS = {
    "risk.recorded": "{actor} recorded the risk “{risk}” of {subject} (residual {residual}).",
    "risk.assessed": "{actor} assessed the risk “{risk}” of {subject} again (residual {residual}).",
    "risk.accepted": "{actor} accepted the risk “{risk}” of {subject} until {until}.",
    "risk.closed": "{actor} closed the risk “{risk}” of {subject}.",
}
INCIDENTS = {
    "incident.reported": "{actor} reported {subject} (severity {severity}).",
    "incident.edited": "{actor} edited {subject}: {changes}.",
    "incident.mitigated": "{actor} recorded that {subject} was mitigated.",
    "incident.resolved": "{actor} recorded that {subject} was resolved.",
    "incident.linked": "{actor} linked {subject} with {what}.",
    "incident.action_planned": "{actor} planned for {subject}: {task}.",
    "incident.action_done": "{actor} finished for {subject}: {task}.",
    "incident.authority_told": "{actor} recorded the report of {subject} under {clock}.",
}
REVIEWS = {
    "review.opened": "{actor} opened {subject} on {use_case} ({cause}, tier {tier}).",
    "review.asks": "{subject} asks {functions}; not {spared}, for nothing in their field is new.",
    "review.asked_anyway": "{actor} asked {step} of {subject}, though nothing in that field is new.",
    "review.returned": "{actor} returned {subject} to its team: {reason}",
    "review.resubmitted": "{actor} submitted {use_case} again to {subject}; it had waited {waited_days} business days.",
    "review.withdrawn": "{actor} withdrew {use_case} from {subject}. {reason}",
    "review.seat_filled": "{holder} now holds the seat {seat} in {subject} ({how}).",
    "review.step_assigned": "{actor} gave the step {step} of {subject} to {person}.",
    "review.reminded": "{actor} reminded {people} of the step {step} of {subject}.",
    "review.step_approved": "{actor} approved the step {step} of {subject}: {reason}",
    "review.appealed": "{actor} appealed against {subject} on {use_case}, which opened {appeal}. {reason}",
    "review.decided": "{subject} on {use_case} was decided: {outcome} ({kind}). {reason}",
    "decision.exported": "{actor} took away the proof of {subject}: {files} files.",
    "decisions.sampled": "{actor} drew {size} of {population} decisions with the seed {seed}.",
    "second_look.drawn": "{use_case} was drawn for a second look.",
    "second_look.taken": "{actor} took a second look at {use_case}: tier {tier}, cleared as {cleared}. {note}",
    "finding.reported": "{actor} reported a finding of {function} on {subject}: {severity}. {text}",
    "vote.cast": "{actor} voted on {subject} for the seat {seat}: {choice}. {reason}",
    "comment.made": "{actor} commented on {subject}: {text}",
}
CALENDARS = {
    "calendar.created": "{actor} set up the calendar {subject}.",
    "calendar.edited": "{actor} changed the calendar {subject}: {changes}.",
    "calendar.given": "{actor} had {unit_name} go by {calendar}.",
}
APPROVALS = {
    "approval.granted": "{use_case} was approved up to {up_to} until {until}.",
    "approval.ended": "The approval of {use_case} ended: {reason}.",
    "approval.suspended": "The approval of {use_case} was suspended. {reason}",
    "approval.restored": "The approval of {use_case} is in force again.",
    "condition.met": "{actor} met a condition of {use_case}: {subject} (evidence: {evidence}).",
    "gate.passed": "{actor} took {subject} through the gate to {to}.",
}
COUNCIL = {
    "conflict.declared": "{actor} declared an interest in {what}: {reason}",
    "conflict.ended": "{actor} no longer has an interest in {what}.",
    "council.created": "{actor} set up {subject}.",
    "council.seat_filled": "{actor} gave the seat {seat} of {subject} to {holder}.",
    "council.seat_delegated": "{actor} delegated the seat {seat} of {subject} to {holder} until {until}.",
    "council.delegation_ended": "{actor} ended the delegation of the seat {seat} of {subject} to {holder}.",
    "meeting.called": "{actor} called a meeting of {council} for {held_on}.",
    "meeting.moved": "{actor} moved {subject} from {before} to {held_on}.",
    "meeting.opened": "{actor} opened {subject} of {council}.",
    "meeting.attendance": "{actor} recorded who attends {subject}: {present} of {seats} seats.",
    "meeting.action_planned": "{actor} recorded an action of {subject} for {owner}: {task}",
    "meeting.action_done": "{actor} finished an action of {subject}: {task}",
    "meeting.closed": "{actor} closed {subject} of {council}.",
    "meeting.minutes_written": "{actor} edited the minutes of {subject}.",
    "meeting.minutes_approved": "{actor} approved the minutes of {subject}.",
    "meeting.agenda_changed": "{actor} put {review} on the agenda of {subject} as {kind}.",
}
ACTIONS = POLICY | CONTROLS | RISKS | INCIDENTS | REVIEWS | APPROVALS | COUNCIL | CALENDARS
