ACTIONS = {
    "feed.created": "{actor} added the feed {subject}.",
    "feed.changed": "{actor} changed how the feed {subject} is read.",
    "batch.loaded": "{actor} loaded {file} into {feed}: {rows} rows.",
    "batch.withdrawn": "{actor} withdrew {subject}: {reason}",
    "target.set": "{actor} set the target of {kpi} for {unit}: {after} (it was {before}).",
    "budget.loaded": "{actor} set the budget of {unit}: {rows} lines.",
    "alert.acknowledged": "{actor} acknowledged: {subject}",
}
