"""What a patient sees: the request form, the received page, the private page."""
