"""Delivery: leasing and sending what is owed, every e-mail's words, the calendar file."""
