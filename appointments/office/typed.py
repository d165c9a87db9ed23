"""What people type or paste: signs that nobody sees taken out, addresses mended, and whether mail can reach them."""

import re
import unicodedata

LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Controls, zero widths, signs that turn the direction of all that follows, letters that are blank, tags.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Persian, Sinhala and many emoji need their joiners; between Latin letters, or at an end, they are only unseen.
JOINERS = re.compile("[\u200c\u200d]")
JOINED = r"[^\x00-\x7f\s\u200c\u200d]"
LOOSE_JOINERS = re.compile(rf"(?<!{JOINED}){JOINERS.pattern}|{JOINERS.pattern}(?!{JOINED})")

LOCAL_PART = re.compile(r"[-!#$%&'*+/=?^_`{|}~0-9A-Za-z]+(\.[-!#$%&'*+/=?^_`{|}~0-9A-Za-z]+)*")
NO_PART_OF_IT = re.compile(r"[^-!#$%&'*+/=?^_`{|}~0-9A-Za-z.]")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE)
LONGEST_LOCAL_PART, LONGEST_ADDRESS = 64, 254
LOOKS_LIKE = "It should look like name@example.com"


def readable(text: str) -> str:
    """The text without signs that nobody sees. Its lines stay lines."""
    return LOOSE_JOINERS.sub("", UNSEEN.sub("", LINE_BREAKS.sub("\n", text)))


def one_line(text: str) -> str:
    """The text as one line, its words one space apart."""
    return " ".join(readable(text).split())


def has_a_letter(text: str) -> bool:
    """Whether it has a letter of any script: so it can be seen, and said."""
    return any(unicodedata.category(sign).startswith("L") for sign in text)


def as_address(text: str) -> str:
    """The e-mail address in what was typed: without what keyboards and mail programs put around or into it."""
    text = unicodedata.normalize("NFKC", JOINERS.sub("", one_line(text)))
    text = re.sub(r"\s*@\s*", "@", text.replace("。", "."))
    text = re.sub("[‘’ʼ]", "'", text)
    if in_brackets := re.search(r"<([^<>]+@[^<>]+)>", text):
        text = in_brackets[1]
    return re.sub(r"(?i)^mailto:", "", text.strip(" <>")).rstrip(" .,;:>")


def named(sign: str) -> str:
    """One sign, so that its typist finds it: some letters look like ours and are not."""
    if sign.isspace():
        return "a space"
    is_foreign = sign.isalpha() and not unicodedata.name(sign, "").startswith("LATIN")
    return f"“{sign}” of another alphabet" if is_foreign else f"“{sign}”"


def unreachable(address: str) -> str:
    """Why no mail reaches this address, in a sentence for whoever typed it; empty when one may."""
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        return LOOKS_LIKE
    if stray := NO_PART_OF_IT.search(local):
        return f"Mail cannot reach an address with {named(stray[0])} before the @"
    if not LOCAL_PART.fullmatch(local):
        return "A dot before the @ needs a letter or number on each side"
    if len(local) > LONGEST_LOCAL_PART:
        return f"No more than {LONGEST_LOCAL_PART} letters can stand before the @"
    try:
        written = domain.encode("idna").decode()  # as the mail will carry it
    except UnicodeError:
        written = ""
    if domain == "localhost":
        return ""  # this machine's own mail server, where a site is tried out
    if not DOMAIN.fullmatch(written):
        return f"Mail cannot reach “{domain}”. {LOOKS_LIKE}" if written != domain or "." in domain else LOOKS_LIKE
    return "It is too long for mail" if len(f"{local}@{written}") > LONGEST_ADDRESS else ""
