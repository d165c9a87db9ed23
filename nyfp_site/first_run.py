"""`python -m nyfp_site.first_run`: write DATA_DIR/secrets.env once, for a site that has no keys yet.

Never when a database is already there: new keys could not read what the old ones wrote.
"""

import os
import secrets
import sys
from pathlib import Path

import environ
import psycopg
from cryptography.fernet import Fernet

from nyfp_site import private_files

BASE_DIR = Path(__file__).resolve().parent.parent


def main() -> None:
    env = environ.Env()
    env.read_env(BASE_DIR / ".env")
    data_dir = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
    try:
        if done := private_files.tighten(data_dir):
            print(done)
    except PermissionError as error:
        sys.exit(str(error))
    path = data_dir / "secrets.env"
    env.read_env(path)
    missing = [name for name in ("SECRET_KEY", "FIELD_KEYS") if not os.environ.get(name)]
    if not missing:
        return
    if trouble := existing_data(env, data_dir):
        sys.exit(
            f"{' and '.join(missing)} missing, but {trouble}. New keys could not read what is stored there. "
            f"Put the old {path.name} back into {data_dir}, or set the old values in the environment."
        )
    if "SECRET_KEY" in missing and not os.environ.get("LINK_KEYS"):
        missing.append("LINK_KEYS")
    make = {
        "SECRET_KEY": lambda: secrets.token_urlsafe(50),
        "LINK_KEYS": lambda: secrets.token_urlsafe(50),
        "FIELD_KEYS": lambda: Fernet.generate_key().decode(),
    }
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # patients’ words live here
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.writelines(f"{name}={make[name]()}\n" for name in missing)
    print(f"Keys written to {path}. Keep a copy apart from the database: without them stored messages cannot be read.")


def existing_data(env: environ.Env, data_dir: Path) -> str:
    """Say why a database may already hold something; empty when there is none."""
    url = env.str("DATABASE_URL", default="")
    if not url or url.startswith("sqlite"):
        file = Path(env.db_url("DATABASE_URL")["NAME"]) if url else data_dir / "db.sqlite3"
        return f"there is a database at {file}" if file.exists() else ""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            (found,) = connection.execute("SELECT to_regclass('appointments_inquiry')").fetchall()[0]
    except psycopg.Error:
        return "the database of DATABASE_URL does not answer, so nobody knows what it holds"
    return "the database of DATABASE_URL already holds requests" if found else ""


if __name__ == "__main__":
    os.umask(private_files.UMASK)
    main()
