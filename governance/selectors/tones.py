"""In which tone the pages of reviews speak of choices, severities, states and outcomes."""

from governance.decisions import Choice
from governance.models import ReviewState, Severity

CHOICE_TONES = {
    Choice.APPROVE: "good", Choice.APPROVE_WITH_CONDITIONS: "good", Choice.REJECT: "bad", Choice.ABSTAIN: "neutral",
    Choice.RECUSE: "neutral",
}  # fmt: skip
SEVERITY_TONES = {
    Severity.NONE: "good", Severity.MINOR: "info", Severity.MAJOR: "warn", Severity.BLOCKING: "bad",
}  # fmt: skip
STATE_TONES = {
    ReviewState.OPEN: "info", ReviewState.IN_REVIEW: "info", ReviewState.READY: "info", ReviewState.RETURNED: "warn",
    ReviewState.DECIDED: "neutral", ReviewState.WITHDRAWN: "neutral",
}  # fmt: skip
OUTCOME_TONES = {
    "approved": "good", "approved_with_conditions": "good", "rejected": "bad", "deferred": "warn",
    "refused_as_prohibited": "bad",
}  # fmt: skip
