"""The web server: `gunicorn nyfp_site.wsgi`, in `make run` and in the container alike."""

import os
import signal

from nyfp_site import logs, private_files

umask = private_files.UMASK
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "nyfp_site.server.PatientWorker"
threads = 4
preload_app = False  # each worker opens its own database connections and starts its own pump
graceful_timeout = 30
timeout = 60
accesslog = None  # an address may be a private link; nyfp_site.middleware logs the route instead
# Its own lines quote what it could not read. So they go our way, and show where they come from instead.
logconfig_dict = logs.to_stdout() | {
    "loggers": {"gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True}, "gunicorn.access": {}}
}
control_socket_disable = True
# No header tells gunicorn anything: from a proxy on this machine, a visitor's own words look like the proxy's. Django
# believes as many proxies as TRUSTED_PROXY_COUNT says.
forwarded_allow_ips = forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

PUMP_STOP_TIMEOUT = 25  # seconds for the mail in hand; less than graceful_timeout


def post_worker_init(worker):
    from appointments.background.pump import Pump

    # Ctrl-C reaches every process of a terminal, and the master passes it on: heard twice, it would cut off the
    # mail in hand.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.pump = Pump()
    worker.pump.start()


def worker_exit(server, worker):
    if pump := getattr(worker, "pump", None):
        pump.stop(PUMP_STOP_TIMEOUT)
