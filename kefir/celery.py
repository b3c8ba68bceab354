"""The Celery app. It carries ids and hints; what must survive is a row in PostgreSQL."""

import os

from celery import Celery
from celery.signals import worker_process_init

from kefir.local import processes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefir.settings")

app = Celery("kefir")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def end_with_the_worker(**_: object) -> None:
    """A worker that is killed must not leave its pool at work on tasks that another will take up."""
    processes.die_with_parent()
