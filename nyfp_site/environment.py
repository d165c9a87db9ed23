"""Reading settings from the environment. What is wrong is collected and said at once, each with how to set it right.

A public site that starts with a wrong value fails later and less clearly: a mailbox that never hears, a mail that
never leaves. Every reader returns something harmless after a mistake, so that the rest can be read as well.
"""

import re
from email.utils import getaddresses
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import unquote, urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from appointments.office.typed import unreachable

YES_OR_NO = {*environ.Env.BOOLEAN_TRUE_STRINGS, "0", "false", "f", "no", "n", "off", ""}
HOST = re.compile(r"\*|\.?[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
MAIL_SERVERS = {"smtp": 25, "submission": 587, "smtps": 465}  # the port where none is given
MAIL_SERVER = (
    "EMAIL_URL must look like smtp://host:25, submission://user:password@host:587 or smtps://user:password@host:465. "
    "Write @ / : # and % in a password as %40 %2F %3A %23 and %25."
)
POSTGRESQL = ("postgres", "postgresql", "psql", "pgsql")
DATABASE = (
    "DATABASE_URL must look like postgres://user:password@host:5432/name or sqlite:////folder/file.sqlite3. "
    "Write @ / : # and % in a password as %40 %2F %3A %23 and %25."
)


class Environment(environ.Env):
    """django-environ, with what this site's settings must be."""

    def __init__(self, **scheme):
        super().__init__(**scheme)
        self.mistakes: list[str] = []

    def stop_if_wrong(self) -> None:
        """Refuse to start, with every mistake in one line."""
        if self.mistakes:
            raise ImproperlyConfigured(" ".join(self.mistakes))

    def bool(self, name, default=False) -> bool:
        if (text := self.str(name, default="").strip().lower()) not in YES_OR_NO:
            self.mistakes.append(f"{name} must be 1 or 0, not {text!r}.")
            return default
        return super().bool(name, default=default) if text else default

    def int(self, name, default, *, least=1, most=65535) -> int:
        text = self.str(name, default="").strip() or str(default)
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            self.mistakes.append(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
            return default
        return int(text)

    def keys(self, name, text: str) -> list[str]:
        """Fernet keys, separated by commas."""
        keys = [key.strip() for key in text.split(",") if key.strip()]
        if text and not keys:
            self.mistakes.append(f"{name} is not set. It holds no key, only commas.")
        for number, key in enumerate(keys, start=1):
            try:
                Fernet(key)
            except ValueError:
                self.mistakes.append(
                    f"{name}: number {number} is not a key. Each must be the output of cryptography's "
                    "Fernet.generate_key(), separated by commas. Never replace a key that has encrypted something."
                )
        return keys

    def site_url(self, name, default) -> str:
        """Scheme and host, a port where needed, nothing behind them."""
        text = self.str(name, default=default).strip().rstrip("/")
        if not is_site_url(text):
            self.mistakes.append(f"{name} must be like https://www.example.org, with nothing behind it, not {text!r}.")
            return "https://www.example.org" if text.startswith("https:") else default
        return text

    def hosts(self, name, default, *, site_host: str) -> list[str]:
        """Names that the site answers to, its own among them; a mistake in SITE_URL is said once."""
        hosts = [host.strip() for host in self.list(name, default=default) if host.strip()] or default
        hosts = [bracketed(host) for host in hosts]
        for host in hosts:
            if not HOST.fullmatch(host):
                self.mistakes.append(f"{name} must be host names only, such as www.example.org, not {host!r}.")
        site_url_is_wrong = any(mistake.startswith("SITE_URL") for mistake in self.mistakes)
        if not (site_url_is_wrong or validate_host(bracketed(site_host), hosts)):
            self.mistakes.append(f"{name} leaves out {site_host}, the host of SITE_URL. Add it.")
        return hosts

    def database(self, name, default) -> dict:
        """A PostgreSQL, or a SQLite file."""
        url = self.str(name, default=default)
        try:
            parts = urlsplit(url)
            is_file = parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1
            is_server = parts.scheme in POSTGRESQL and len(parts.path) > 1 and (parts.port or True)
            if not (is_file or is_server):
                raise ValueError
            return self.db_url_config(url)
        except (ValueError, environ.ImproperlyConfigured):
            self.mistakes.append(DATABASE)
            return self.db_url_config(default)

    def mail_server(self, url: str) -> dict:
        """EMAIL_URL: smtp://, submission:// (STARTTLS) or smtps:// with user, password, host and port."""
        try:
            parts = urlsplit(url)
            port = parts.port or MAIL_SERVERS[parts.scheme]
            if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
                raise ValueError
        except (ValueError, KeyError):
            self.mistakes.append(MAIL_SERVER)
            return {"host": "", "port": 25, "user": "", "password": "", "tls": False, "ssl": False}
        return {
            "host": parts.hostname,
            "port": port,
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "tls": parts.scheme == "submission",
            "ssl": parts.scheme == "smtps",
        }

    def networks(self, name) -> list[IPv4Network | IPv6Network]:
        """Networks, separated by commas; none is no limit."""
        networks = []
        for text in self.list(name, default=[]):
            try:
                networks.append(ip_network(text.strip()))
            except ValueError:
                self.mistakes.append(
                    f"{name} must list networks such as 198.51.100.0/24 or 2001:db8::/32, separated by commas, "
                    f"not {text!r}. Leave it empty to let staff sign in from anywhere."
                )
        return networks

    def sender(self, name, text: str) -> str:
        """One name and one address, or an address alone."""
        found = getaddresses([text])
        reason = unreachable(found[0][1]) if found else "It is empty"
        if len(found) != 1:
            reason = "A name with a comma needs quotes, and only one sender can be given"
        if reason:
            self.mistakes.append(
                f"{name} must be one name and address, such as Suite 501 office <office@example.org> or "
                f'"Suite 501, office" <office@example.org>, not {text!r}. {reason}.'
            )
        return text

    def mailboxes(self, name, text: str) -> list[str]:
        """Addresses, separated by commas, each once."""
        addresses = [address.strip() for address in text.split(",") if address.strip()]
        if ";" in text:
            self.mistakes.append(f"{name} must be separated by commas, not by semicolons.")
            return addresses
        if text and not addresses:
            self.mistakes.append(f"{name} names no mailbox.")
        seen = set()
        for address in addresses:
            if reason := unreachable(address):
                self.mistakes.append(f"{name} holds {address!r}. {reason}.")
            if address.lower() in seen:
                self.mistakes.append(f"{name} names {address} twice. Each mailbox would get every notice twice.")
            seen.add(address.lower())
        return addresses


def bracketed(host: str) -> str:
    """An IPv6 address as a Host header has it: [::1]."""
    return f"[{host}]" if re.fullmatch(r"[0-9a-f.]*:[0-9a-f.]*:[0-9a-f.:]*", host, re.IGNORECASE) else host


def is_site_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        return False
    nothing_else = not (parts.path or parts.query or parts.fragment or parts.username)
    host_is_good = bool(HOST.fullmatch(bracketed(parts.hostname or "")))
    return parts.scheme in ("http", "https") and port_is_good and nothing_else and host_is_good
