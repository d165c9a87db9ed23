"""The first page of the desk: the day, its numbers and its pictures."""
