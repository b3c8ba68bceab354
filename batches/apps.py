from django.apps import AppConfig
from django.urls import register_converter

from batches.identifiers import BatchIdConverter


class BatchesConfig(AppConfig):
    name = "batches"

    def ready(self) -> None:
        register_converter(BatchIdConverter, "batch")
