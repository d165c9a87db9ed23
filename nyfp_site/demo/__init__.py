"""A made-up practice: three weeks of requests, each lived through by the site's own verbs at its own hour."""
