import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Coalesce, Greatest

WAITING_BY_ALERT = models.Index(
    condition=models.Q(("status", "waiting")), fields=["alert_at", "id"], name="reminder_waiting_by_alert"
)
TO_DO_OF_BATCH = models.Index(
    condition=models.Q(("status__in", ["waiting", "sent"])), fields=["batch", "alert_at"], name="reminder_to_do_of_batch"
)
OF_BATCH = models.Index(fields=["batch", "alert_at", "id"], name="reminder_of_batch")

# A claim changes no column that an index knows; room on the page lets it stay there. A busy table is swept
# before a fifth of it is dead: the queue is read from its old end, where the dead rows lie.
ROOM = """
    ALTER TABLE reminders_reminder SET (
        fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02
    )
"""
NO_ROOM = """
    ALTER TABLE reminders_reminder
    RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0001_initial"),
        ("reminders", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reminder",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="reminders.reminder",
                    ),
                ),
                ("round", models.PositiveSmallIntegerField()),
                ("channel", models.CharField(max_length=10)),
                ("address", models.CharField(max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("sent", "Sent"),
                            ("retry", "To be tried again"),
                            ("failed", "Failed"),
                            ("unknown", "Nobody knows"),
                        ],
                        max_length=7,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField()),
                ("next_try_at", models.DateTimeField(blank=True, null=True)),
                ("uncertain", models.BooleanField(default=False)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("ticket", models.CharField(blank=True, max_length=100)),
                ("receipt_due_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("receipt_due_at__isnull", False)),
                        fields=["receipt_due_at"],
                        name="delivery_by_receipt_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reminder", "round", "channel", "address"),
                        name="delivery_is_one_row_for_a_round_and_an_address",
                        violation_error_message="This was noted already.",
                        violation_error_code="noted_already",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at", None), ("status", "sent"), _negated=True),
                            models.Q(("next_try_at", None), ("status", "retry"), _negated=True),
                        ),
                        name="delivery_says_when_it_was_sent_or_is_tried",
                        violation_error_message="A delivery has its time, or that of its next try.",
                        violation_error_code="no_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("beat_at", models.DateTimeField()),
                ("nothing_before", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("figure", models.CharField(max_length=20)),
                ("label", models.CharField(max_length=20)),
                ("slot", models.PositiveSmallIntegerField()),
                ("value", models.FloatField()),
            ],
            options={
                "verbose_name_plural": "tallies",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("figure", "label", "slot"),
                        name="tally_is_one_row_a_slot",
                        violation_error_message="This is counted already.",
                        violation_error_code="counted_already",
                    )
                ],
            },
        ),
        migrations.RemoveField(model_name="reminder", name="lease_taken_up"),
        migrations.AddField(
            model_name="reminder",
            name="again_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="reminder",
            name="claims",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="reminder",
            name="held_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        # What a column is computed from cannot be altered; it is made anew, with the indexes on it.
        migrations.RemoveIndex(model_name="reminder", name="reminder_waiting_by_alert"),
        migrations.RemoveIndex(model_name="reminder", name="reminder_to_do_of_batch"),
        migrations.RemoveIndex(model_name="reminder", name="reminder_of_batch"),
        migrations.RemoveField(model_name="reminder", name="alert_at"),
        migrations.AddField(
            model_name="reminder",
            name="alert_at",
            field=models.GeneratedField(
                db_persist=True,
                expression=Greatest(Coalesce("snoozed_until", "due_at"), "held_until"),
                output_field=models.DateTimeField(),
            ),
        ),
        migrations.AddIndex(model_name="reminder", index=WAITING_BY_ALERT),
        migrations.AddIndex(model_name="reminder", index=TO_DO_OF_BATCH),
        migrations.AddIndex(model_name="reminder", index=OF_BATCH),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(
                condition=models.Q(("again_at__isnull", False), ("status", "sent")),
                fields=["again_at"],
                name="reminder_to_send_again",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reminders",
                to="batches.batch",
            ),
        ),
        migrations.RunSQL(ROOM, NO_ROOM),
    ]
