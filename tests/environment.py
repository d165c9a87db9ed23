"""The environment of every test run, set before Django reads its settings. pyproject.toml loads it first."""

import os
import tempfile

os.environ.update(
    {
        "DEBUG": "0",
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
        "FIELD_KEYS": "dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtMTI=",
        "LINK_KEYS": "",
        "SITE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "EMAIL_URL": "",
        "MAIL_FROM": "",
        "STAFF_INBOX": "",
        "TRUSTED_PROXY_COUNT": "0",
        "STAFF_NETWORKS": "",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright's sync API runs inside an event loop
    }
)
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="nyfp-tests-"))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{os.environ['DATA_DIR']}/db.sqlite3")
