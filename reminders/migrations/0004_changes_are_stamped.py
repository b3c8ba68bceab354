import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# What is on the wire. Claiming and leasing, a hundred at a time, change nothing of it.
SEEN = "kind, message, due_at, snoozed_until, status, sent_at, done_at"
OLD, NEW = (", ".join(f"{row}.{name}" for name in SEEN.split(", ")) for row in ("OLD", "NEW"))
WATCH = f"""
    CREATE TRIGGER reminder_is_stamped BEFORE INSERT ON reminders_reminder
        FOR EACH ROW EXECUTE FUNCTION kefir_stamp();
    CREATE TRIGGER reminder_is_stamped_anew BEFORE UPDATE ON reminders_reminder
        FOR EACH ROW WHEN (({OLD}) IS DISTINCT FROM ({NEW})) EXECUTE FUNCTION kefir_stamp();
    CREATE TRIGGER reminder_leaves_a_tombstone AFTER DELETE ON reminders_reminder
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION kefir_leave_tombstones('reminder');
"""
UNWATCH = """
    DROP TRIGGER reminder_is_stamped ON reminders_reminder;
    DROP TRIGGER reminder_is_stamped_anew ON reminders_reminder;
    DROP TRIGGER reminder_leaves_a_tombstone ON reminders_reminder;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0002_changes_are_stamped'),
        ('reminders', '0003_changed_at'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='reminder',
            name='stamped_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(fields=['batch', 'stamped_at', 'id'], name='reminder_stamped_of_batch'),
        ),
        migrations.RunSQL(WATCH, UNWATCH),
    ]
