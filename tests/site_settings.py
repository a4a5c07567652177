"""Settings of the tests: as in use, but in a folder of their own and with a fast password hash."""

import os
import tempfile

os.environ["YJZ_DATA"] = tempfile.mkdtemp(prefix="yjz-test-")

from yuejingzhun.project.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
