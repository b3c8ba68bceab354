from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reminders", "0002_deliveries")]

    operations = [
        migrations.AddField("reminder", "changed_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddIndex(
            "reminder",
            models.Index(
                condition=models.Q(("status", "failed")),
                fields=["batch", "alert_at"],
                name="reminder_failed_of_batch",
            ),
        ),
    ]
