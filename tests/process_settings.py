"""What the tests and the processes they start have in common: files of their own, static files not collected."""

from pathlib import Path

from caio_portal import env
from caio_portal.settings import *  # noqa: F403

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.text("TEST_FILES")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
RECEIPT_KEY_PATH = Path(env.text("TEST_FILES")) / "receipts.pem"
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
