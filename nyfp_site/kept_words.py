"""What staff typed is never dropped: where the desk cannot take a form, it shows the words and sends them on one press.

Stock Django drops them when the session has ended, when another tab signed in anew, when the account may not do it,
when the database is away, and when we fail. Nothing is executed then: only a person's press sends a form once more,
to the address it was meant for, which checks permissions again.

A person who was signed out signs in first. Until then the words travel in the sign-in form, sealed: no address, log,
cookie, session or table holds them, and nobody can make a colleague's browser show words that we did not seal.
Each form of the desk names, signed, whom it was made for; only that colleague sees the words again, and a seal opens
once. Forms with a password, and those about accounts, groups, mailboxes, exports and deletions, are left to Django.
"""

import json
import re
from base64 import urlsafe_b64encode
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db.models import JSONField
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import salted_hmac
from django.utils.text import capfirst

from appointments.privacy.same_origin import is_from_our_page
from conditions.page_text import html_lines
from nyfp_site.models import UsedSeal

SEALED = "kept_words"  # the sign-in form's hidden field
MADE_FOR = "_made_for"  # every form's hidden field: whose page it stood on
TOKEN = re.compile(rb'<input type="hidden" name="csrfmiddlewaretoken" value="\w+">')
NEVER = re.compile(r"^auth_|_mailbox_|_delete$")  # routes
NEVER_DONE = {"delete_selected", "export_csv"}  # actions
SEAL_LASTS = 24 * 60 * 60  # seconds
MOST_CARRIED = 256 * 1024  # bytes in a sign-in form
SIGN_IN_FIELDS = 16 * 1024  # bytes left for what else the sign-in form sends


class Why(NamedTuple):
    """What happened, and what to do about it, as the page says it."""

    status: int
    heading: str
    advice: str


SIGNED_IN = Why(
    200,
    "You are signed in again. Nothing was lost.",
    "What you typed has not been sent yet. Press the button to send it.",
)
TOO_LONG = Why(
    403,
    "You were signed out. Sign in in a new tab, then press the button here.",
    "Nothing was lost, but this is too long to carry through the sign-in page. Keep this tab open.",
)
STALE = Why(
    403,
    "This was not sent yet. Press the button to send it.",
    "You signed in anew after you had opened that page, so we ask once more. Nothing was lost.",
)
NOT_ALLOWED = Why(
    403,
    "Your account may not do this. What you typed is kept here.",
    "Keep this tab open, sign in with another account in a new one, then come back and press the button.",
)
AWAY = Why(
    503,
    "We cannot reach our records. What you typed is kept here.",
    "It was most likely not saved. Keep this tab open, wait a minute, then press the button.",
)
FAILED = Why(
    500,
    "Something went wrong on our side. What you typed is kept here.",
    "It was most likely not saved. Keep this tab open, look in a new one to be sure, then press the button.",
)


class Words(NamedTuple):
    """A form as it was posted: where to, and every field with its values in their order."""

    address: str
    fields: list[tuple[str, list[str]]]
    made_for: int = 0  # the colleague whose page it stood on


def keep_words(get_response):
    """Middleware: show the words where a redirect would drop them."""

    def middleware(request):
        response = get_response(request)
        if response.status_code == 200 and request.path.startswith(reverse("admin:index")):
            say_whom_it_is_made_for(request, response)
        if response.status_code != 302:
            return response
        if (sealed := carried(request)) and admin.site.has_permission(request):
            return after_sign_in(request, sealed)
        if urlsplit(response["Location"]).path == reverse("admin:login") and (words := posted(request)):
            return sign_in_first(request, words)
        return response

    return middleware


def page(request, why: Why):
    """The response that keeps what a form of the desk brought; None for any other request.

    With a status of 500 or more it asks nothing of the database.
    """
    is_trouble = why.status >= 500
    if sealed := carried(request):
        if is_trouble or not admin.site.has_permission(request):
            return sign_in(request, sealed, why if is_trouble else None)
        return after_sign_in(request, sealed)
    if words := posted(request):
        if is_trouble or admin.site.has_permission(request):
            return press_again(request, words, why)
        return sign_in_first(request, words)
    return None


def say_whom_it_is_made_for(request, response) -> None:
    """Put the signed name of the colleague into each form of their page."""
    is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
    if is_page and MADE_FOR.encode() not in response.content and admin.site.has_permission(request):
        mark = f'<input type="hidden" name="{MADE_FOR}" value="{mark_of(request.user.pk)}">'.encode()
        response.content = TOKEN.sub(lambda token: token[0] + mark, response.content)


def mark_of(pk: int) -> str:
    return signing.dumps(pk, key=settings.LINK_KEYS[0], salt=MADE_FOR)


def whose(mark: str) -> int:
    """The colleague whom a mark of ours names; 0 for any other."""
    try:
        newest, *older = settings.LINK_KEYS
        return signing.loads(mark, key=newest, fallback_keys=older, salt=MADE_FOR)
    except signing.BadSignature:
        return 0


def sign_in_first(request, words: Words):
    """Seal the words into the sign-in form, or keep them in their own tab when it cannot take as much."""
    sealed = seal(words)
    if len(sealed) + SIGN_IN_FIELDS > MOST_CARRIED:
        return press_again(request, words, TOO_LONG)
    return sign_in(request, sealed)


def after_sign_in(request, sealed: str):
    """What a person who is signed in now had typed before; when the seal is not good, the desk says so."""
    words = unseal(sealed)
    if not words:
        messages.warning(request, "What you had typed could not be kept: it was more than a day old.")
    elif words.made_for != request.user.pk:
        messages.warning(request, "What was typed before belongs to another account. Only that account sees it again.")
    elif not UsedSeal.use(sealed):
        messages.warning(
            request, "What you had typed was shown to you once already, and can be sent from that page only."
        )
    else:
        return press_again(request, words, SIGNED_IN)
    return redirect("admin:index")


def posted(request) -> Words | None:
    """What one of our own pages sent to the desk, unless a password is in it."""
    if request.method != "POST" or not request.path.startswith(reverse("admin:index")):
        return None
    made_for = whose(request.POST.get(MADE_FOR, ""))
    if not (is_from_our_page(request) and made_for) or must_not_be_kept(request):
        return None
    fields = [(name, values) for name, values in request.POST.lists() if name not in ("csrfmiddlewaretoken", MADE_FOR)]
    return Words(request.get_full_path(), fields, made_for)


def must_not_be_kept(request) -> bool:
    """What would be too bad to be planted, or to be pressed by mistake."""
    try:
        route = resolve(request.path).url_name or ""
    except Resolver404:
        return True
    actions = set(request.POST.getlist("action"))
    has_password = any("password" in name for name in request.POST)
    return bool(has_password or NEVER.search(route) or NEVER_DONE & actions)


def carried(request) -> str:
    """The sealed words in a sign-in form of ours; empty when there are none."""
    is_sign_in = request.method == "POST" and request.path == reverse("admin:login")
    return request.POST.get(SEALED, "") if is_sign_in and is_from_our_page(request) else ""


# Two pages


def sign_in(request, sealed: str, why: Why | None = None):
    context = {
        "why": why,
        "kept": sealed,
        "form": (admin.site.login_form or AdminAuthenticationForm)(request),
        "app_path": reverse("admin:login"),
        "next": reverse("admin:index"),
    }
    return answer(request, "admin/login.html", bare() | context, why.status if why else 403)


def press_again(request, words: Words, why: Why):
    is_at_the_desk = why.status < 500 and admin.site.has_permission(request)
    frame = admin.site.each_context(request) if is_at_the_desk else bare()
    context = {
        "title": why.heading,
        "why": why,
        "words": words,
        "mark": mark_of(words.made_for),
        "shown": in_plain_words(words),
        "sign_in_first": why is TOO_LONG,
    }
    return answer(request, "admin/press_again.html", frame | context, why.status)


def bare() -> dict:
    """The desk's frame for nobody in particular. It asks nothing of the database."""
    titles = {"site_header": admin.site.site_header, "site_title": admin.site.site_title}
    return titles | {"user": AnonymousUser(), "messages": []}


def answer(request, template: str, context: dict, status: int):
    response = render(request, template, context, status=status)
    add_never_cache_headers(response)
    return response


# The seal


def cipher() -> Fernet:
    """Its key is of no use elsewhere, so nothing sealed or stored elsewhere opens here."""
    return Fernet(urlsafe_b64encode(salted_hmac("nyfp_site.kept_words", "", algorithm="sha256").digest()))


def seal(words: Words) -> str:
    return cipher().encrypt(json.dumps(words).encode()).decode()


def unseal(sealed: str) -> Words | None:
    """The words, when it was us who sealed them, within a day."""
    try:
        return Words(*json.loads(cipher().decrypt(sealed.encode(), ttl=SEAL_LASTS)))
    except InvalidToken:
        return None


# The words, for the eye. What is sent is always the form as it was.

OF_MACHINES = re.compile(
    r"^_|^initial-|__prefix__|_FORMS$|-id$|^(action|index|key|post|seen|select_across|_selected_action)$"
)
ROW = re.compile(r"^(?P<rows>\w+)-(?P<number>\d+)-(?P<name>\w+)$")
PART = re.compile(r"_[01]$")  # a date and its time are two inputs of one name
RICH_TEXT = re.compile(r"\s*<(p|ul|ol)\b.*>\s*", re.DOTALL)


def in_plain_words(words: Words) -> dict[str, list[str]]:
    """Each field that a person filled in, under a readable name; what only machines read is left out."""
    model_admin = getattr(resolve(urlsplit(words.address).path).func, "model_admin", None)
    known = {field.name: field for field in model_admin.opts.get_fields()} if model_admin else {}
    shown: dict[str, list[str]] = {}
    for name, values in words.fields:
        if OF_MACHINES.search(name):
            continue
        row, field = ROW.match(name), known.get(PART.sub("", name))
        # In a row of a list, or for a choice of rows, a bare number is a key.
        is_key = row or (field and (field.is_relation or isinstance(field, JSONField)))
        texts = [in_words(value, field) for value in values if not (is_key and value.isdigit())]
        if texts := [text for text in texts if text.strip()]:
            shown.setdefault(label(name, row, field), []).extend(texts)
    return shown


def label(name: str, row: re.Match | None, field) -> str:
    """The model's own name for it, or the form's: questions-0-answer is “Questions 1, answer”."""
    if field and not field.auto_created:
        return capfirst(field.verbose_name)
    if row:
        name = f"{row['rows']} {int(row['number']) + 1}, {row['name']}"
    return capfirst(PART.sub("", name).replace("_", " "))


def in_words(value: str, field) -> str:
    if value == "on":
        return "yes"
    choices = dict(getattr(field, "flatchoices", None) or [])
    return choices.get(value) or ("\n\n".join(html_lines(value)) if RICH_TEXT.fullmatch(value) else value)
