"""A patient asks, sees that it was saved, and comes back to it through a private page."""

import logging

from django.db import DatabaseError, InterfaceError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from appointments.mail import emails
from appointments.models import Inquiry, OutgoingMail
from appointments.models.office_now import OfficeNow
from appointments.patient.forms import ChannelForm, NoteForm
from appointments.patient.private_page import RECEIVED_PAGE_LIVES, confirmation, is_alive, private_page, timeline
from appointments.privacy import form_key, link_token
from appointments.privacy.same_origin import hides_origin, same_origin_post, takes_hidden_origin
from appointments.requests import handling, spam
from appointments.requests.dangers import dangers_of
from appointments.requests.receive import receive
from appointments.requests.request_form import RequestForm, answers_of, topics
from conditions.danger import cards

log = logging.getLogger("appointments.ask")


@cache_control(private=True, no_cache=True)  # but kept for the back button: a corrected answer then has the same key
@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_post
@takes_hidden_origin
def ask(request):
    """The form, and what becomes of it. A success page follows if and only if the inquiry is committed."""
    if request.method != "POST":
        now = OfficeNow.read()
        chosen = {"key": form_key.issue(), "topic": request.GET.get("topic", "")}
        return ask_again(request, RequestForm(topics=topics(), now=now, initial=chosen), now=now)
    trouble = "database"
    try:
        now, sender = OfficeNow.read(), spam.sender_of(request)
        data = request.POST.copy()
        key = form_key.read(data.get("key", ""))
        if key and hides_origin(request) and not key.is_second:
            key = None  # it may have been another site: a press on our own page tells
        data["key"] = data["key"] if key else form_key.issue(is_second=True)
        form = RequestForm(data, topics=topics(), now=now)
        if spam.is_over_hard_limit(sender, now.at):
            return ask_again(request, form, now=now, trouble="busy", status=429)
        if key is None:
            form.add_error(None, "Please press “Send my request” once more. We could not recognise this page.")
        if not form.is_valid():
            return ask_again(request, form, now=now)
        answers = answers_of(form)
        signs = spam.signs(
            answers=answers,
            trap=form.cleaned_data["trap"],
            rendered_at=key.rendered_at,
            sender=sender,
            now=now.at,
            form_key=key.id,
        )
        spam.remember_post(sender, now.at)
        trouble = "unsure"  # from here on: a commit whose answer was lost may hold
        inquiry = receive(
            answers=answers,
            form_key=key.id,
            received_at=now.at,
            reply_by=now.reply_by(now.at),
            suspicion=spam.suspicion(signs),
        )
    except (DatabaseError, InterfaceError) as error:
        log.exception("request not saved", exc_info=error)
        now = OfficeNow.without_database()
        form = RequestForm.as_filled_in(request.POST, now=now)
        return ask_again(request, form, now=now, trouble=trouble, status=503)
    return redirect("received", token=link_token.make("received", inquiry))


def ask_again(request, form, *, now, trouble="", status=200):
    """The form with its errors, and everything typed still in it."""
    response = TemplateResponse(
        request,
        "appointments/ask.html",
        {
            "form": form,
            "now": now,
            "reply_by": now.reply_by(now.at),
            "trouble": trouble,
            "hide_request_button": True,
        },
        status=status,
    )
    if request.method == "POST":
        add_never_cache_headers(response)  # it holds somebody's answers
    if trouble:
        response["Retry-After"] = "120"
    return response


@never_cache
@require_safe
@private_page
def received(request, token):
    """What was saved and when we will reply. Opening it changes nothing."""
    inquiry = inquiry_of(token, purpose="received")
    if timezone.now() > inquiry.received_at + RECEIVED_PAGE_LIVES:
        return TemplateResponse(request, "appointments/received_over.html", status=410)
    private_url = reverse("my_request", args=[link_token.make("private", inquiry)])
    if inquiry.closed_at:
        return redirect(private_url)  # "a person will reply" is no longer so
    now, dangers = OfficeNow.read(), dangers_of(inquiry)
    return TemplateResponse(
        request,
        "appointments/received.html",
        {
            "inquiry": inquiry,
            "dangers": dangers,
            "cards": cards(dangers),
            "now": now,
            "closed_days": now.closed_until(inquiry.reply_by) if inquiry.reply_by else [],
            "mail": emails.render(OutgoingMail(kind=OutgoingMail.Kind.PATIENT_RECEIVED, inquiry=inquiry)),
            "private_url": private_url,
            "hide_request_button": True,
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_post
@private_page
def my_request(request, token):
    """One request, for the person who made it. GET shows, POST acts; no word about health is printed."""
    inquiry = inquiry_of(token, purpose="private")
    now, action = OfficeNow.read(), request.POST.get("action")
    note = NoteForm(request.POST if action == "note" else None, inquiry=inquiry)
    channel = ChannelForm(request.POST if action == "channel" else None, inquiry=inquiry, channels=now.office.channels)
    for form in (note, channel):
        with transaction.atomic():
            if form.is_bound:
                handling.locked(inquiry)  # so that of many at once each is counted
            if form.is_valid():
                form.save()
                return redirect(f"{request.path}?saved={action}")
    if action == "withdraw":
        handling.withdraw(inquiry)
        return redirect(f"{request.path}?saved={action}")
    return TemplateResponse(
        request,
        "appointments/my_request.html",
        {
            "inquiry": inquiry,
            "now": now,
            "visit": inquiry.agreed_visit,
            "steps": timeline(inquiry, now.at),
            "note": note,
            "channel": channel,
            "errors": [form for form in (note, channel) if form.errors],
            "confirmation": confirmation(inquiry, request.GET.get("saved", "")),
            "hide_request_button": True,
        },
    )


@never_cache
@require_safe
@private_page
def mend_link(request, page, token):
    """Lead a link that was typed in capitals, or cut out with what stood behind it, to the address it means."""
    address = reverse(page, args=[link_token.plain(token)])
    query = request.META["QUERY_STRING"]
    return redirect(f"{address}?{query}" if query else address)


def inquiry_of(token: str, *, purpose: str) -> Inquiry:
    """The inquiry that a private link opens. Raises Http404 for any other token, or a dead one, without saying why."""
    inquiry = get_object_or_404(Inquiry, reference=link_token.claimed_reference(token))
    if not (link_token.opens(token, purpose, inquiry) and is_alive(inquiry, timezone.now())):
        raise Http404
    return inquiry
