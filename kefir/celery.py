"""The Celery app. It carries ids and hints; what must survive is a row in PostgreSQL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefir.settings")

app = Celery("kefir")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
