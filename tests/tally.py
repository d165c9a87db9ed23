"""A pytest plugin that counts outcomes for tests/everything.py, into the JSON file that TALLY names."""

import json
import os
from collections import Counter
from pathlib import Path


class Tally:
    def __init__(self, path: Path):
        self.path = path
        self.counts = Counter()

    def pytest_runtest_logreport(self, report):
        # A test counts once: by its call, or by a set-up or clean-up that went wrong or skipped it.
        if report.when == "call" or not report.passed:
            self.counts[report.outcome] += 1
            if report.when == "call" and "browser" in report.keywords:
                self.counts["in a browser"] += 1

    def pytest_sessionfinish(self):
        self.path.write_text(json.dumps(self.counts))


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # xdist's workers report to the first process
        config.pluginmanager.register(Tally(Path(os.environ["TALLY"])))
