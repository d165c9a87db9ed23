import os

from django.core.wsgi import get_wsgi_application

from nyfp_site import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nyfp_site.settings")
logs.tame_python()
application = get_wsgi_application()
