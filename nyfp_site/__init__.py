"""The whole site. `__version__` is the release; CHANGELOG.md says what is new in it."""

__version__ = "1.0.0"
