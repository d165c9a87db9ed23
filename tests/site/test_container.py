"""The Dockerfile's own install and start commands, run in a clean directory. No container engine is needed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_image_installs_the_locked_requirements_and_runs_as_an_ordinary_user():
    assert re.search(r"^RUN pip install .*--require-hashes -r requirements\.txt$", DOCKERFILE, re.MULTILINE)
    user = DOCKERFILE.index("\nUSER nyfp")
    assert user < DOCKERFILE.index("\nCMD ")
    assert "\nUSER root" not in DOCKERFILE


@pytest.mark.processes
@pytest.mark.one_database
def test_the_dockerfiles_commands_serve_the_site_from_a_clean_directory(tmp_path):
    app, data = tmp_path / "app", tmp_path / "data"
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in files.stdout.splitlines():
        if (ROOT / name).is_file():
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, app / name)
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = {"PATH": f"{venv}/bin:{os.environ['PATH']}", "HOME": str(tmp_path), "DATA_DIR": str(data), "PORT": port}
    install = re.search(r"^RUN (pip install .*)$", DOCKERFILE, re.MULTILINE)[1]
    subprocess.run(["sh", "-c", install], cwd=app, env=env | registry_settings(), check=True, capture_output=True)
    start = re.search(r'^CMD \["sh", "-c", "(.*)"\]$', DOCKERFILE, re.MULTILINE)[1]
    server = subprocess.Popen(["sh", "-c", start], cwd=app, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert wait_for(f"http://127.0.0.1:{port}/readyz") == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/conditions/synkinesis/", timeout=10) as page:
            assert b"Synkinesis" in page.read()
        assert (data / "secrets.env").exists()
    finally:
        server.send_signal(signal.SIGTERM)
        output, _ = server.communicate(timeout=40)
    assert b"Traceback" not in output, output.decode()


def registry_settings() -> dict:
    """How this machine's pip finds packages, so that the clean environment can install too."""
    return {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "HTTP", "http", "SSL_"))}


def wait_for(url: str, seconds: int = 60) -> int:
    """The status of the first answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.status
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
