"""What happens to use cases, and how the audit trail tells it."""

ACTIONS = {
    "use_case.registered": "{actor} registered {subject}.",
    "use_case.edited": "{actor} edited {subject}: {changes}.",
    "use_case.facts_written": "{actor} changed facts of {subject}: {facts}.",
    "use_case.submitted": "{actor} submitted {subject} (submission {number}).",
    "use_case.moved": "{actor} moved {subject} from {before} to {after}.",
    "use_case.paused": "{actor} paused {subject}.",
    "use_case.resumed": "{actor} resumed {subject}.",
    "use_case.retired": "{actor} retired {subject}.",
    "use_case.discarded": "{actor} discarded the draft {subject}.",
    "use_case.person_named": "{actor} named {person} in {subject} as {part}.",
    "use_case.person_removed": "{actor} removed {person} from {subject}.",
    "use_case.join_asked": "{actor} asked to join {subject}.",
    "use_case.cost_recorded": "{actor} recorded a cost of {subject}: {cost}.",
    "use_case.cost_removed": "{actor} removed a cost of {subject}: {cost}.",
    "use_case.benefit_stated": "{actor} stated a benefit of {subject}: {benefit} ({state}).",
    "use_case.benefit_removed": "{actor} removed a benefit of {subject}: {benefit}.",
    "inventory.imported": "{actor} imported {file} into {into}: {created} created, {updated} updated.",
    "inventory.withdrawn": "{actor} withdrew {subject}: {voided} use cases voided, {returned} returned.",
    "inventory_profile.saved": "{actor} saved {subject}, by which files of use cases are read.",
    "questionnaire.published": "{actor} published {subject}.",
}
