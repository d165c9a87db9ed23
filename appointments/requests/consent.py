"""What a patient agrees to when sending a request. Old wordings stay readable; a new one gets a new version."""

WORDINGS = {
    "2026-11": "You may use my answers to reply to me and to plan my care.",
    "2026-11 spoken": "The person agreed that we use these answers to reply and to plan care.",
}
CURRENT = "2026-11"
SPOKEN = "2026-11 spoken"  # what staff tick who take a request by telephone or from a fax
