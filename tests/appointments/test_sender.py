"""One sender is one sender, however the address was written, and no proxy goes unnoticed."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from appointments.background import health
from appointments.models import Heartbeat, Inquiry, OutgoingMail, owed_mail
from appointments.models.inquiry_queryset import BY_RATE
from appointments.privacy import sender
from appointments.requests import spam
from nyfp_site import middleware
from tests.factories import make_inquiry, valid_request_data


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("203.0.113.5", "203.0.113.5"),
        (" 203.0.113.5:51234 ", "203.0.113.5"),
        ('"203.0.113.5:51235"', "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("[::FFFF:203.0.113.5]:443", "203.0.113.5"),
        ("::ffff:cb00:7105", "203.0.113.5"),
        ("64:ff9b::203.0.113.5", "203.0.113.5"),
        ("2001:DB8:0:1::A", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::a]", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::a]:51234", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::a", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", ""),
        ("", ""),
        ("203.0.113.999", ""),
        ("[", ""),
        ("x" * 10_000, ""),
        ("203.0.113.5\0", ""),
    ],
)
def test_one_sender_has_one_address(written, one):
    assert sender.canonical(written) == one


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.7", "::1", ""])
def test_a_proxy_nobody_announced_is_noticed(rf, settings, header, peer):
    request = rf.get("/", REMOTE_ADDR=peer, headers={header: "203.0.113.5"})
    assert sender.comes_through_an_unannounced_proxy(request)
    assert not sender.comes_through_an_unannounced_proxy(rf.get("/", REMOTE_ADDR=peer))
    settings.TRUSTED_PROXY_COUNT = 1
    assert not sender.comes_through_an_unannounced_proxy(request)


def test_what_a_visitor_from_afar_writes_into_the_header_says_nothing(rf):
    request = rf.get("/", REMOTE_ADDR="93.184.216.34", headers={"X-Forwarded-For": "203.0.113.5"})
    assert not sender.comes_through_an_unannounced_proxy(request)


def test_an_unannounced_proxy_is_a_problem_that_alarms_until_the_setting_says_so(client, office, settings):
    proxied = {"headers": {"X-Forwarded-For": "203.0.113.5"}}
    client.get("/", **proxied)
    report = health.report()
    (words,) = [words for words in report["problems"] if "proxy" in words]
    assert words in report["alarms"]
    assert "TRUSTED_PROXY_COUNT" in words
    settings.TRUSTED_PROXY_COUNT = 1
    assert words not in health.report()["problems"]
    settings.TRUSTED_PROXY_COUNT = 0
    Heartbeat.objects.filter(name=health.PROXY).update(at=timezone.now() - timedelta(days=2))
    assert words not in health.report()["problems"]


@pytest.mark.django_db
def test_a_sighting_is_written_at_most_once_a_minute(django_assert_num_queries):
    look = middleware.unannounced_proxy(lambda request: request)
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.5"})
    look(request)
    with django_assert_num_queries(0):
        for _ in range(50):
            look(request)
    assert Heartbeat.objects.filter(name=health.PROXY).count() == 1


# Rate alone


@pytest.mark.parametrize("why", BY_RATE)
def test_staff_hear_of_a_request_that_only_its_address_makes_suspected(office, at, why):
    at(2026, 12, 1, 10, 0)
    inquiry = make_inquiry(status="suspected", suspicion=why)
    spammer = make_inquiry(status="suspected", suspicion="several links, words of advertising")
    notice = owed_mail.gather()
    assert list(notice.inquiries.all()) == [inquiry]
    assert list(Inquiry.objects.untold()) == []
    assert not Inquiry.objects.get(pk=spammer.pk).staff_notice


def test_a_patient_behind_a_flooding_address_is_filed_staff_are_told_and_only_the_automatic_mail_waits(
    client, office, at, rf
):
    at(2026, 12, 1, 10, 0)
    flooder = spam.sender_of(rf.get("/"))
    for _ in range(50):
        spam.remember_post(flooder, timezone.now())
    client.post("/request/", valid_request_data(message="See https://example.org"))
    inquiry = Inquiry.objects.get()
    assert inquiry.suspicion in BY_RATE
    assert not OutgoingMail.objects.filter(inquiry=inquiry).exists()
    assert list(owed_mail.gather().inquiries.all()) == [inquiry]


def test_what_is_spam_by_itself_stays_spam_in_a_flood(client, office, at, rf):
    at(2026, 12, 1, 10, 0)
    flooder = spam.sender_of(rf.get("/"))
    for _ in range(50):
        spam.remember_post(flooder, timezone.now())
    client.post("/request/", valid_request_data(message="casino casino https://x https://y https://z"))
    assert Inquiry.objects.get().suspicion not in BY_RATE
    assert owed_mail.gather() is None
