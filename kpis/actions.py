ACTIONS = {
    "feed.created": "{actor} added the feed {subject}.",
    "feed.changed": "{actor} changed how the feed {subject} is read.",
    "feed.token_made": "{actor} made a token for programs that deliver to {subject}.",
    "batch.loaded": "{actor} loaded {file} into {feed}: {rows} rows.",
    "batch.withdrawn": "{actor} withdrew {subject}: {reason}",
    "target.set": "{actor} set the target of {kpi} for {of}: {after} (before: {before}).",
    "budget.set": "{actor} set the budget of {of}: {rows} lines.",
    "alert.raised": "The portal raised an alert: {subject}",
    "alert.ended": "The reason is gone of: {subject}",
    "alert.acknowledged": "{actor} acknowledged: {subject} {note}",
    "alert.muted": "{actor} muted until {until}: {subject} {reason}",
    "alert.linked": "{actor} linked to {to}: {subject}",
}
