"""The Celery app. It carries ids and hints; what must survive is a row in PostgreSQL."""

import gc
import os

from celery import Celery
from celery.signals import task_prerun, worker_before_create_process
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefir.settings")

app = Celery("kefir")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_before_create_process.connect
def leave_alone_what_stays(**_: object) -> None:
    """What was loaded before the fork is never garbage: looking through it takes time, and each child a copy."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@task_prerun.connect
def look_whether_the_database_is_there(**_: object) -> None:
    """As at the beginning of a request: after a restart of PostgreSQL a kept connection is of no use."""
    close_old_connections()
