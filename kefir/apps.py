from django.contrib.admin.apps import AdminConfig

from kefir import catalogues


class StaffConfig(AdminConfig):
    default_site = "kefir.staff.StaffSite"

    def ready(self) -> None:
        super().ready()
        catalogues.bring_up_to_date_if_one_may()
        # Tasks bind to the app that is loaded; not in kefir/__init__.py, so that the launcher stays small.
        from kefir import celery  # noqa: F401, PLC0415
