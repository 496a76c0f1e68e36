"""What happens to vendors, and how it reads in the audit trail."""

ACTIONS = {
    "vendor.registered": "{actor} registered the vendor {subject} ({criticality}).",
    "vendor.edited": "{actor} edited the vendor {subject}: {changed}.",
    "vendor.retired": "{actor} retired the vendor {subject}: {reason}.",
    "product.added": "{actor} added {product} to {subject}.",
    "product.edited": "{actor} edited {product} of {subject}: {changed}.",
    "contract.signed": "{actor} recorded the contract {contract} with {subject}, until {ends_on}.",
    "contract.edited": "{actor} edited the contract {contract} with {subject}: {changed}.",
    "assessment.recorded": "{actor} recorded an assessment of {subject} ({kind}): {result}, valid until {valid_until}.",
    "criterion.scored": "{actor} scored {subject} {score} on {criterion} for {quarter}.",
    "scorecard.computed": "The scorecard of {subject} for {quarter} changed from {before} to {after}: {advice}.",
}
