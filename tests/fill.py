"""`python -m tests.fill`: a prepared, empty site gets the rows of a made-up practice, some in every table of ours.

The next release's upgrade test runs this from this release's code, on the database of DATABASE_URL. So its name stays,
and it goes on using this release's own models.
"""

import os
from datetime import date, timedelta

REQUESTS = 400


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "nyfp_site.settings"
    import django

    django.setup()
    import time_machine

    from tests.bench.three_years import NOW, ThreeYears

    with time_machine.travel(NOW):
        ThreeYears().grow_to(REQUESTS)
    rare_rows()
    if empty := empty_tables():
        raise SystemExit(f"Fill these tables too: {', '.join(empty)}.")


def rare_rows() -> None:
    """What three years of requests do not bring."""
    from django.utils import timezone

    from appointments.models import Closure, Heartbeat, PracticeNotice, RecentPost, Shutdown, SuggestedClosure
    from conditions.models import OldAddress, Page, ReviewPolicy
    from nyfp_site.models import UsedSeal

    christmas, now = date(2030, 12, 25), timezone.now()
    Closure.objects.create(first_day=christmas, last_day=christmas, reason="Christmas")
    SuggestedClosure.objects.create(day=christmas, name="Christmas")
    snow = now - timedelta(days=9)
    Shutdown.objects.create(closed_from=snow, closed_until=snow + timedelta(hours=9), reason="Snow")
    PracticeNotice.objects.update(text="In the practice's own words.")
    RecentPost.objects.create(sender="0" * 32, at=now)
    UsedSeal.use("a seal that was opened")
    Heartbeat.objects.update_or_create(name="filled", defaults={"at": now})
    OldAddress.objects.create(path="/an-old-address/", page=Page.objects.earliest("pk"))
    ReviewPolicy.objects.get_or_create()


def empty_tables() -> list[str]:
    from django.apps import apps

    apps_of_ours = [apps.get_app_config(app) for app in ("conditions", "appointments", "nyfp_site")]
    models = [model for app in apps_of_ours for model in app.get_models()]
    return [model._meta.label for model in models if not model._base_manager.exists()]


if __name__ == "__main__":
    main()
