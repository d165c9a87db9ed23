"""The office's time, pure: opening hours as arithmetic, moments and days in words."""
