"""A patient asks, and sees that it was saved."""

import logging

from django.db import DatabaseError, InterfaceError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from appointments import form_key
from appointments.forms import RequestForm
from appointments.models import Inquiry
from appointments.office_now import OfficeNow
from appointments.privacy import link_token
from appointments.receive import receive
from appointments.same_origin import same_origin_post
from conditions.models import Condition

log = logging.getLogger("appointments.ask")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_post
def ask(request):
    """The form, and what becomes of it. A success page follows if and only if the inquiry is committed."""
    if request.method != "POST":
        form = RequestForm(topics=topics(), initial={"key": form_key.issue(), "topic": request.GET.get("topic", "")})
        return ask_again(request, form, now=OfficeNow.read())
    try:
        now = OfficeNow.read()
        data = request.POST.copy()
        key = form_key.read(data.get("key", ""))
        data["key"] = data["key"] if key else form_key.issue()
        form = RequestForm(data, topics=topics())
        if key is None:
            form.add_error(None, "Please press “Send my request” once more. We could not recognise this page.")
        if not form.is_valid():
            return ask_again(request, form, now=now)
        inquiry = receive(answers=answers(form), form_key=key.id, received_at=now.at, reply_by=now.reply_by(now.at))
    except (DatabaseError, InterfaceError) as error:
        log.exception("request not saved", exc_info=error)
        form = RequestForm(request.POST, topics=[(request.POST.get("topic", ""), "As you chose before")])
        return ask_again(request, form, now=OfficeNow.without_database(), database_is_down=True, status=503)
    return redirect("received", token=link_token.make("received", inquiry))


def ask_again(request, form, *, now, database_is_down=False, status=200):
    """The form with its errors, and everything typed still in it."""
    return TemplateResponse(
        request,
        "appointments/ask.html",
        {
            "form": form,
            "now": now,
            "reply_by": now.reply_by(now.at),
            "database_is_down": database_is_down,
            "hide_request_button": True,
        },
        status=status,
    )


@never_cache
@require_safe
def received(request, token):
    """What was saved and when we will reply. Opening it changes nothing."""
    inquiry = inquiry_of(token, purpose="received")
    now = OfficeNow.read()
    response = TemplateResponse(
        request,
        "appointments/received.html",
        {
            "inquiry": inquiry,
            "now": now,
            "closed_days": now.closed_until(inquiry.reply_by) if inquiry.reply_by else [],
            "hide_request_button": True,
        },
    )
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def inquiry_of(token: str, *, purpose: str) -> Inquiry:
    """The inquiry that a private link opens. Raises Http404 for any other token, without saying why."""
    inquiry = get_object_or_404(Inquiry, reference=link_token.claimed_reference(token))
    if not link_token.opens(token, purpose, inquiry):
        raise Http404
    return inquiry


def topics() -> list[tuple[str, str]]:
    """What a patient may say it is about."""
    return [(condition.slug, condition.title) for condition in Condition.objects.published().only("slug", "title")]


def answers(form) -> dict:
    """The form's answers under the inquiry's names."""
    data = form.cleaned_data
    return {name: data[name] for name in ("name", "reach_by", "phone", "email", "message")} | {
        "topic": Condition.objects.published().filter(slug=data["topic"]).first() if data["topic"] else None
    }
