#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nyfp_site.settings")
    from django.core.management import execute_from_command_line

    from nyfp_site import logs, private_files

    os.umask(private_files.UMASK)
    logs.tame_python()
    execute_from_command_line(sys.argv)
