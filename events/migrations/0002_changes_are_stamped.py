import django.db.models.functions.datetime
from django.db import migrations, models

WATCH = """
    UPDATE events_event SET updated_at = created_at;
    CREATE TRIGGER event_is_stamped BEFORE INSERT OR UPDATE ON events_event
        FOR EACH ROW EXECUTE FUNCTION kefir_stamp();
    CREATE TRIGGER event_leaves_a_tombstone AFTER DELETE ON events_event
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION kefir_leave_tombstones('event');
"""
UNWATCH = """
    DROP TRIGGER event_is_stamped ON events_event;
    DROP TRIGGER event_leaves_a_tombstone ON events_event;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0002_changes_are_stamped'),
        ('events', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='stamped_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddField(
            model_name='event',
            name='updated_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['batch', 'stamped_at', 'id'], name='event_stamped_of_batch'),
        ),
        migrations.RunSQL(WATCH, UNWATCH),
    ]
