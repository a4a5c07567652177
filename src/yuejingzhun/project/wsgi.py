"""The WSGI application that the server's worker runs."""

import ctypes
import gc
import os
import signal

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

PR_SET_PDEATHSIG = 1

if os.environ.get("YJZ_SERVER") == str(os.getppid()):
    # A worker whose server was killed would go on holding the port.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuejingzhun.project.settings")
application = get_wsgi_application()

if os.environ.get("YJZ_SERVER") == str(os.getppid()):
    # Only the server's own worker: others that import this module publish nothing.
    from yuejingzhun.platform.foundation.jobs import worker
    from yuejingzhun.project import publisher

    publisher.start()
    worker.start()

    # What the program is made of never becomes garbage, and takes a full collection most of its time to look through.
    get_resolver().url_patterns  # noqa: B018  # pages and interface, which the first request would load
    gc.collect()
    gc.freeze()
