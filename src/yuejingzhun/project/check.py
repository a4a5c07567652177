"""What only Django can check: missing migrations, and the settings of a deployment, on a database of its own."""

import os
import tempfile
from pathlib import Path

from django.core.management import call_command

from yuejingzhun.project.server import site


def main() -> None:
    """Fails loudly where something is missing or unsafe."""
    deployment = {"YJZ_HTTPS": "1", "YJZ_HOSTS": "example.org"}
    os.environ.update(deployment)
    with tempfile.TemporaryDirectory(prefix="yjz-check-") as folder, site(Path(folder), lambda _: None):
        call_command("makemigrations", check=True, dry_run=True)
        call_command("check", deploy=True, fail_level="WARNING")


if __name__ == "__main__":
    main()
