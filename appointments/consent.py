"""What a patient agrees to when sending a request. Old wordings stay readable; a new one gets a new version."""

WORDINGS = {
    "2026-11": "You may use my answers to reply to me and to plan my care.",
}
CURRENT = "2026-11"
