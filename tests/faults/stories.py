"""Every fault, as a story: what happens to a site on which eight clients post. The table of `make faults`."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from django.utils import timezone

from appointments.models import OutgoingMail
from appointments.office.hours import NEW_YORK
from tests.faults.invariants import Happened
from tests.faults.launcher import NEXT_KIND
from tests.faults.scene import Pace, Scene, a_postgres_of_its_own, a_small_disk, may_mount, usual_stage
from tests.mail_server import ACCEPTED, a_mail_server
from tests.processes import STAFF, an_open_site, opens_daily, retries_are_due

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fault:
    """A story with its stage. It happens on both databases, or on one."""

    story: Callable[[Scene], Happened]
    stage: Callable
    only_on: str
    is_possible: Callable[[], bool]

    @property
    def name(self) -> str:
        return self.story.__name__.replace("_", " ")

    def is_on(self, database: str) -> bool:
        return database.startswith(self.only_on)

    def happen(self, prepared: str, folder: Path, pace: Pace) -> Happened:
        """Let it happen to a new site, let things settle, and tell what there is then."""
        with (
            self.stage(prepared, folder) as stage,
            a_mail_server() as mail_server,
            an_open_site(stage.prepared, stage.folder, mail_server.url) as site,
        ):
            return self.story(Scene(site, mail_server, stage, pace))


FAULTS: list[Fault] = []


def fault(*, stage: Callable = usual_stage, only_on: str = "", is_possible: Callable[[], bool] = lambda: True):
    """Put the story on the list. It ends with scene.settle() and returns what that returns."""

    def register(story: Callable[[Scene], Happened]) -> Callable[[Scene], Happened]:
        FAULTS.append(Fault(story, stage, only_on, is_possible))
        return story

    return register


# The mail server


def mail_is_in_trouble(scene: Scene, *, begins: Callable, ends: Callable, sign: str = "") -> Happened:
    """Mail is tried in vain for a while. The site stays ready for requests meanwhile."""
    server = scene.serve()
    with scene.patients.asking():
        scene.some_posts()
        for _ in range(scene.pace.rounds):
            retries_are_due()
            begun_at = timezone.now()
            begins()
            put_off = OutgoingMail.objects.waiting().filter(due_at__gt=begun_at, last_error__contains=sign)
            scene.wait_until("an attempt in vain", put_off.exclude(last_error="").exists, 60)
            scene.some_posts()
            assert server.get("/readyz")[0] == 200, "mail trouble took the site down"
            ends()
            scene.some_posts()
    return scene.settle()


def mail_is_answered_with(scene: Scene, reply: str | None, **how: str) -> Happened:
    """For a while the words of a mail get this reply."""
    answer = partial(setattr, scene.mail_server, "reply")
    return mail_is_in_trouble(scene, begins=partial(answer, reply), ends=partial(answer, ACCEPTED), **how)


@fault()
def the_mail_server_is_down(scene):
    """Connections to it are refused."""
    return mail_is_in_trouble(scene, begins=scene.mail_server.down, ends=scene.mail_server.up)


@fault()
def the_mail_server_hangs(scene):
    """It takes the connection and says nothing: EMAIL_TIMEOUT ends the wait."""
    return mail_is_in_trouble(scene, begins=scene.mail_server.hang, ends=scene.mail_server.up)


@fault()
def the_mail_server_puts_off_with_4xx(scene):
    return mail_is_answered_with(scene, "451 4.3.0 Try again later", sign="451")


@fault()
def one_mailbox_is_refused_with_5xx(scene):
    """The other mailbox hears of everything."""
    scene.serve()
    _, deputy = STAFF
    with scene.patients.asking():
        scene.some_posts()
        scene.mail_server.refused[deputy] = "550 5.1.1 No such mailbox"
        scene.wait_until("the refusal", OutgoingMail.objects.refused().filter(mailbox=deputy).exists)
        scene.some_posts()
    return scene.settle()


@fault()
def the_mail_server_hangs_up_after_the_words(scene):
    """It has the mail, but nobody heard it say so: the mail goes once more."""
    scene.mail_server.keeps_unanswered = True
    happened = mail_is_answered_with(scene, None)
    assert happened.repeats, "no reply was lost, so this run proves nothing"
    return happened


# A process that is killed


def the_pump_is_killed(scene: Scene, where: str) -> None:
    """SIGKILL for whichever worker's pump comes past `where`, while the worker also serves patients."""
    token = scene.site.folder / "die"
    scene.serve(DIE_AFTER=where, DIE_TOKEN=str(token))
    with scene.patients.asking():
        scene.some_posts()
        for _ in range(scene.pace.rounds):
            token.touch()
            scene.wait_until("a kill", lambda: not token.exists())
            scene.some_posts()


def without_repeats(happened: Happened) -> Happened:
    assert not happened.repeats, "a mail was repeated, though no reply was lost"
    return happened


@fault()
def the_pump_is_killed_after_gathering(scene):
    the_pump_is_killed(scene, "appointments.models.owed_mail:gather")
    return without_repeats(scene.settle())


@fault()
def the_pump_is_killed_half_way_through_gathering(scene):
    """Rows for the mailboxes are written, nothing is committed."""
    the_pump_is_killed(scene, "appointments.models.owed_mail:announce")
    return without_repeats(scene.settle())


@fault()
def the_pump_is_killed_between_lease_and_mail_server(scene):
    the_pump_is_killed(scene, "appointments.mail.outbox:lease_next")
    return without_repeats(scene.settle())


@fault()
def the_pump_is_killed_between_acceptance_and_reply(scene):
    """The one step that costs a repeat: the mail server has the mail, and its reply finds nobody."""
    server, condemned = scene.serve(), []

    def kill_the_sender(port: int) -> None:
        if condemned and (pid := server.worker_at(port)):
            os.kill(pid, signal.SIGKILL)
            condemned.pop()

    scene.mail_server.when_kept, scene.mail_server.delay = kill_the_sender, 0.05
    with scene.patients.asking():
        scene.some_posts()
        for _ in range(scene.pace.rounds):
            condemned.append("whoever sends the next mail")
            scene.wait_until("a kill", lambda: not condemned)
            scene.a_sender_was_killed()
            scene.some_posts()
    scene.mail_server.delay = 0
    happened = scene.settle()
    assert len(happened.repeats) == scene.pace.rounds, "each kill costs one repeat, and nothing else does"
    return happened


@fault()
def the_pump_is_killed_after_the_mark(scene):
    the_pump_is_killed(scene, "appointments.mail.outbox:send")
    return without_repeats(scene.settle())


@fault()
def a_web_worker_is_killed_between_commit_and_response(scene):
    """The patient sees no page, and presses again: it is the same request."""
    token = scene.site.folder / "die"
    scene.serve(DIE_AFTER="appointments.patient.views:receive", DIE_TOKEN=str(token))
    with scene.patients.asking():
        scene.some_posts()
        for _ in range(scene.pace.rounds):
            token.touch()
            scene.wait_until("a kill", lambda: not token.exists())
            scene.a_sender_was_killed()
            scene.some_posts()
    happened = scene.settle()
    assert happened.rows_without_success_page, "nobody was cut off after the commit, so this run proves nothing"
    scene.those_cut_off_press_again(happened)
    return happened


@fault()
def one_of_two_web_servers_is_killed(scene):
    """Two on one database, as on two machines. What the dead one held is taken over by the other."""
    scene.serve()
    with scene.patients.asking():
        for _ in range(scene.pace.rounds):
            victim = scene.serve()
            scene.some_posts()
            victim.kill()
            scene.a_sender_was_killed()
            scene.some_posts()
    return scene.settle()


# The database


@fault(stage=a_postgres_of_its_own, only_on="postgresql")
def postgres_is_restarted(scene):
    """First in an orderly way that cuts off who is connected, then as in a crash."""
    scene.serve()
    with scene.patients.asking():
        scene.some_posts()
        for mode in ("fast", "immediate") * scene.pace.rounds:
            with scene.stage.postgres.stopped(mode):
                scene.some_posts()
            scene.some_posts()
    happened = scene.settle()
    assert happened.refused, "nobody noticed, so this run proves nothing"
    scene.those_cut_off_press_again(happened)
    return without_repeats(happened)


@fault(stage=a_small_disk, only_on="sqlite", is_possible=may_mount)
def the_disk_is_full(scene):
    """A real file system without a free byte; later somebody makes room."""
    filler = scene.stage.folder / "filler"
    scene.serve()
    with scene.patients.asking():
        scene.some_posts()
        for _ in range(scene.pace.rounds):
            fill(filler)
            scene.wait_until("a request that cannot be saved", scene.patients.a_new_refusal())
            scene.some_posts()
            filler.unlink()
            scene.some_posts()
    return without_repeats(scene.settle())


def fill(file: Path) -> None:
    with suppress(OSError), file.open("wb", buffering=0) as filler:
        for size in (1 << 16, 1 << 9):
            with suppress(OSError):
                while True:
                    filler.write(bytes(size))


@fault(only_on="sqlite")
def the_database_may_not_grow(scene):
    """SQLite's own limit, PRAGMA max_page_count: each new page is refused as on a full disk."""
    limit = scene.site.folder / "most_pages"
    scene.serve(MOST_PAGES=str(limit))
    with scene.patients.asking():
        scene.some_posts()
        for _ in range(scene.pace.rounds):
            limit.write_text("1")  # SQLite takes it as: no page more than there are
            scene.wait_until("a request that cannot be saved", scene.patients.a_new_refusal())
            scene.some_posts()
            limit.unlink()
            scene.some_posts()
    return without_repeats(scene.settle())


# The clock


def next_change(*, to_summer: bool) -> date:
    """The next Sunday on which New York's clocks change that way."""
    day = timezone.localdate()
    while not (offset(day + ONE_DAY) != offset(day) and (offset(day + ONE_DAY) > offset(day)) == to_summer):
        day += ONE_DAY
    return day


def offset(day: date) -> timedelta:
    """New York's, at the beginning of the day."""
    return datetime.combine(day, time(), NEW_YORK).utcoffset()


def the_clock_changes(scene: Scene, change: date) -> Happened:
    """Mail is held from Saturday evening over the night of the change, and leaves once, when Sunday's office opens."""
    clock = scene.clock()
    clock.shows(change - ONE_DAY, time(20))
    scene.patients.have_email = False  # a lease would lapse early if hours went by during a mail to them
    opens_daily(time(8, 30), time(17))
    scene.serve(CLOCK=str(clock.file))
    with scene.patients.asking():
        for day, hour in (
            (change - ONE_DAY, time(20)),
            (change, time(0, 59)),
            (change, time(1, 59)),  # the hour that one change skips and the other repeats comes next
            (change, time(3, 1)),
            (change, time(7, 31)),  # 8:31 by the clock of yesterday
            (change, time(8, 29)),
        ):
            clock.shows(day, hour)
            scene.some_posts()
            assert not scene.staff_mails(), f"staff got a mail at {hour} on {day}"
        clock.shows(change, time(8, 30))
        scene.wait_until("a mail to staff at the opening", scene.staff_mails)
        scene.some_posts()
    return without_repeats(scene.settle())


@fault()
def the_clock_goes_forward_while_mail_is_held(scene):
    """Spring."""
    return the_clock_changes(scene, next_change(to_summer=True))


@fault()
def the_clock_goes_back_while_mail_is_held(scene):
    """Autumn."""
    return the_clock_changes(scene, next_change(to_summer=False))


@fault()
def a_wrong_clock_is_set_back_by_an_hour(scene):
    """It was an hour fast. What bears a moment of the hour that comes again must not keep anything up."""
    clock = scene.clock()
    clock.is_fast_by(timedelta(hours=1))
    scene.serve(CLOCK=str(clock.file))
    with scene.patients.asking():
        scene.some_posts()
        scene.wait_until("a mail to staff", scene.staff_mails)
        scene.staffs_pauses_are_short = False
        clock.is_fast_by(timedelta())
        scene.some_posts()
        told = scene.patients.ask()
        scene.wait_until("a mail to staff, in the time we promise", lambda: scene.staff_know_of(told), 90)
    scene.staffs_pauses_are_short = True
    return without_repeats(scene.settle())


# Releases


@fault()
def two_releases_run_at_once(scene):
    """The newer one queues a kind of mail that the older does not know and must leave alone, while both gather."""
    scene.serve()
    newer = scene.serve(NEXT_RELEASE="1")
    next_kind = OutgoingMail.objects.filter(kind=NEXT_KIND)
    with scene.patients.asking():
        scene.some_posts()
        scene.mail_server.delay = 0.2  # so that some of its mails wait when it ends
        scene.wait_until("a mail of the next release that waits", next_kind.filter(attempts=0).exists)
        newer.kill()
        scene.a_sender_was_killed()
        scene.mail_server.delay = 0
        untried = list(next_kind.filter(attempts=0).values_list("pk", flat=True))
        assert untried, "the next release had sent everything, so this run proves nothing"
        scene.some_posts()
        scene.wait_until("a turn of the older release", scene.next_turn())
        assert not next_kind.filter(pk__in=untried).exclude(attempts=0).exists(), "the older release touched them"
        scene.serve(NEXT_RELEASE="1")
        scene.some_posts()
    happened = scene.settle()
    assert not next_kind.filter(sent_at=None).exists()
    return happened
