"""Keys are made once, and never for a database that older keys may have written."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nyfp_site import first_run, private_files

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    for name in ("SECRET_KEY", "FIELD_KEYS", "LINK_KEYS", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setattr(first_run, "BASE_DIR", tmp_path)
    return tmp_path / "var"


def run(monkeypatch):
    """One start: what it reads from the file must not leak into the next."""
    first_run.main()
    for name in ("SECRET_KEY", "FIELD_KEYS", "LINK_KEYS"):
        monkeypatch.delenv(name, raising=False)


def test_the_first_start_writes_keys_that_only_the_owner_can_read(data_dir, monkeypatch):
    run(monkeypatch)
    file = data_dir / "secrets.env"
    assert [line.split("=")[0] for line in file.read_text().splitlines()] == ["SECRET_KEY", "FIELD_KEYS", "LINK_KEYS"]
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


def test_the_second_start_keeps_the_keys(data_dir, monkeypatch):
    run(monkeypatch)
    before = (data_dir / "secrets.env").read_text()
    run(monkeypatch)
    assert (data_dir / "secrets.env").read_text() == before


def test_two_sites_never_share_a_key(data_dir, monkeypatch, tmp_path):
    run(monkeypatch)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "other"))
    run(monkeypatch)
    assert (data_dir / "secrets.env").read_text() != (tmp_path / "other/secrets.env").read_text()


def test_keys_are_not_made_when_a_database_is_already_there(data_dir):
    data_dir.mkdir()
    (data_dir / "db.sqlite3").write_bytes(b"old")
    with pytest.raises(SystemExit, match=r"Put the old secrets\.env back"):
        first_run.main()
    assert not (data_dir / "secrets.env").exists()


def test_keys_are_not_made_when_nobody_knows_what_the_database_holds(data_dir, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none")
    with pytest.raises(SystemExit, match="does not answer"):
        first_run.main()


def test_keys_from_the_environment_are_enough(data_dir, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "from outside")
    monkeypatch.setenv("FIELD_KEYS", "from outside")
    first_run.main()
    assert not data_dir.exists()


def test_what_others_could_read_before_the_first_start_only_we_can_afterwards(data_dir, monkeypatch, capsys):
    (data_dir / "mail").mkdir(parents=True)
    for name in ("secrets.env", "mail/1.log", "notes.txt"):
        (data_dir / name).write_text("SECRET_KEY=x\nFIELD_KEYS=y\n" if name == "secrets.env" else "")
        (data_dir / name).chmod(0o664)
    for folder in (data_dir, data_dir / "mail"):
        folder.chmod(0o755)
    assert len(private_files.loose(data_dir)) == 5
    run(monkeypatch)
    assert private_files.loose(data_dir) == []
    assert "Others could read" in capsys.readouterr().out
    run(monkeypatch)
    assert "Others" not in capsys.readouterr().out


def test_a_folder_that_others_use_is_refused_with_a_sentence(data_dir):
    data_dir.mkdir()
    data_dir.chmod(0o1777)
    with pytest.raises(SystemExit, match="Set DATA_DIR to a folder of this site's own account"):
        first_run.main()
    assert data_dir.stat().st_mode & 0o777 == 0o777


def test_nothing_that_a_command_writes_can_be_read_by_others(tmp_path):
    env = os.environ | {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": f"sqlite:///{tmp_path}/var/db.sqlite3"}
    start = "umask 022; python -m nyfp_site.first_run && python manage.py migrate -v 0"
    env |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    del env["SECRET_KEY"], env["FIELD_KEYS"]
    subprocess.run(["/bin/sh", "-c", start], cwd=ROOT, env=env, check=True, capture_output=True)
    assert {path.name for path in (tmp_path / "var").iterdir()} >= {"db.sqlite3", "secrets.env"}
    assert private_files.loose(tmp_path / "var") == []
