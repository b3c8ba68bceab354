"""The live process: streams that tell pages of changes, and nothing else. Pages and API are in kefir/wsgi.py.

Django's settings and logs are there; its apps and models are not loaded, which keeps it small.
"""

import os

from django.conf import settings
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefir.settings")
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)

from live.door import Live  # noqa: E402 what it reads must be there

application = Live()
