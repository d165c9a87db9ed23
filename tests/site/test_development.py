"""What `make dev` and `make demo` need of the commands that `make run` uses."""

from io import StringIO

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("as_they_lie", [True, False])
def test_static_files_are_collected_only_where_they_are_not_served_as_they_lie(settings, tmp_path, as_they_lie):
    """Unhashed copies would be taken for collected ones by the next `make run`."""
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.WHITENOISE_USE_FINDERS = as_they_lie
    call_command("prepare", stdout=StringIO(), stderr=StringIO())
    assert settings.STATIC_ROOT.exists() != as_they_lie


@pytest.mark.parametrize(("folder", "command"), [("var", "`make staff`"), ("var/dev", "`make staff DATA_DIR=")])
def test_an_account_is_made_for_the_site_that_runs(settings, folder, command):
    settings.DATA_DIR = settings.BASE_DIR / folder
    said = StringIO()
    call_command("where", stdout=said)
    assert f"There is no staff account yet: run {command}" in said.getvalue()
