"""What happens to briefings, and how it reads in the audit trail."""

ACTIONS = {
    "briefing.drafted": "{actor} drafted the {subject} from the snapshot {snapshot_hash}.",
    "briefing.edited": "{actor} edited the narrative of the {subject}: {changed}.",
    "briefing.approved": "{actor} approved the {subject}.",
    "briefing.published": "{actor} published the {subject}.",
    "briefing.rendition_requested": "{actor} asked for the PDF of the {subject}.",
    "briefing.rendered": "The {subject} was rendered: {pages} pages, SHA-256 {sha256}.",
}
