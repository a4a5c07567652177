"""Django's own commands, for those who develop or operate: migrations, checks, shell."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuejingzhun.project.settings")
execute_from_command_line(sys.argv)
