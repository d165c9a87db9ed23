"""PostgreSQL's own log quotes no value.

Its lines about a failed statement hold the statement, in which psycopg leaves the values out (server_side_binding in
settings.py), and a DETAIL that quotes the row that failed. Each connection asks for lines without it, where it may.
"""

from django.core.checks import Tags, Warning, register
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver

QUIET = {"log_error_verbosity": "terse", "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0"}
ASK = """
SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS quiet (name, value)
WHERE has_parameter_privilege(name, 'SET')
"""


@receiver(connection_created)
def be_quiet(connection, **kwargs):
    """Ask for what this account may ask for. A deploy check names the rest."""
    if connection.vendor == "postgresql" and connection.pg_version >= 150000:  # older ones cannot tell who may
        with connection.cursor() as cursor:
            cursor.execute(ASK, [list(QUIET), list(QUIET.values())])


@register(Tags.database)
def the_log_is_quiet(app_configs, databases, **kwargs):
    """A server that quotes failed rows keeps patients' names in a file that nobody guards."""
    if not databases or connection.vendor != "postgresql":
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE name IN (%s, %s, %s)", list(QUIET))
            loud = sorted(name for name, setting in cursor.fetchall() if setting != QUIET[name])
    except DatabaseError:
        return []
    if not loud:
        return []
    return [
        Warning(
            f"PostgreSQL's log may quote what patients wrote: {', '.join(loud)}.",
            hint="; ".join(f"ALTER SYSTEM SET {name} = '{QUIET[name]}'" for name in loud) + ". Then reload the server.",
            id="nyfp_site.W001",
        )
    ]
