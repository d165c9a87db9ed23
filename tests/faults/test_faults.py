"""The short form of `make faults`: every fault once, for a few seconds."""

import pytest

from tests.faults.conftest import RUN_DATABASE
from tests.faults.scene import SHORT
from tests.faults.stories import FAULTS

pytestmark = pytest.mark.processes


HERE = [fault for fault in FAULTS if fault.is_on(RUN_DATABASE) and fault.is_possible()]


@pytest.mark.parametrize("fault", HERE, ids=lambda fault: fault.name)
def test_nothing_is_lost_and_nothing_doubled_when(fault, prepared, tmp_path, django_db_blocker):
    with django_db_blocker.unblock():
        happened = fault.happen(prepared, tmp_path, SHORT)
    assert happened.broken() == []
