"""Pure: opening hours as arithmetic, moments and days in words, and what people type made readable."""
