"""What happens in governance, and how the audit trail tells it."""

POLICY = {
    "use_case.tiered": "{subject} was put in tier {tier} under policy {policy}.",
    "policy.applied": "{subject} was applied to {count} use cases.",
    "policy.proposed": "{actor} proposed {subject}.",
    "policy.published": "{actor} published {subject}, in force from {valid_from}.",
}
CONTROLS = {
    "control.set": "{actor} set {control} of {subject} from {before} to {after}.",
    "evidence.recorded": "{actor} recorded the evidence “{evidence}” for {control} of {subject}.",
    "evidence.graded": "{actor} graded the evidence “{evidence}” of {subject} as {grade}.",
    "evidence.withdrawn": "{actor} withdrew the evidence “{evidence}” of {subject}.",
    "exception.granted": "{actor} granted an exception from {what} to {subject} until {expires_on}.",
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
    "incident.action_planned": "{actor} planned for {subject}: {action}.",
    "incident.action_done": "{actor} finished for {subject}: {action}.",
    "incident.authority_told": "{actor} recorded the report of {subject} under {clock}.",
}
ACTIONS = POLICY | CONTROLS | RISKS | INCIDENTS
