import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# The transaction takes its number before it looks at the clock: whoever finds it without one may be sure that what
# it will write is stamped later than now (kefir/api/sync.py).
STAMP = """
    CREATE FUNCTION kefir_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_current_xact_id();
        NEW.stamped_at := clock_timestamp();
        RETURN NEW;
    END $$;
    CREATE TRIGGER batch_is_stamped BEFORE INSERT OR UPDATE ON batches_batch
        FOR EACH ROW EXECUTE FUNCTION kefir_stamp();
"""
UNSTAMP = "DROP TRIGGER batch_is_stamped ON batches_batch; DROP FUNCTION kefir_stamp();"

# For batches, and for whatever has a batch_id; the kind is the trigger's argument.
BURY = """
    CREATE FUNCTION kefir_leave_tombstones() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_current_xact_id();
        IF TG_ARGV[0] = 'batch' THEN
            INSERT INTO batches_tombstone (kind, thing_id, owner_id, gone_at)
            SELECT TG_ARGV[0], gone.id, gone.owner_id, clock_timestamp() FROM gone;
        ELSE
            INSERT INTO batches_tombstone (kind, thing_id, owner_id, gone_at)
            SELECT TG_ARGV[0], gone.id::text, batch.owner_id, clock_timestamp()
            FROM gone JOIN batches_batch batch ON batch.id = gone.batch_id;
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER batch_leaves_a_tombstone AFTER DELETE ON batches_batch
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION kefir_leave_tombstones('batch');
    ALTER TABLE batches_tombstone ADD CONSTRAINT tombstone_goes_with_its_owner
        FOREIGN KEY (owner_id) REFERENCES accounts_user ON DELETE CASCADE;
"""
UNBURY = """
    ALTER TABLE batches_tombstone DROP CONSTRAINT tombstone_goes_with_its_owner;
    DROP TRIGGER batch_leaves_a_tombstone ON batches_batch;
    DROP FUNCTION kefir_leave_tombstones();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tombstone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('batch', 'Batch'), ('event', 'Event'), ('reminder', 'Reminder'), ('photo', 'Photo')], max_length=10)),
                ('thing_id', models.CharField(max_length=36)),
                ('gone_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='batch',
            name='stamped_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['owner', 'stamped_at', 'id'], name='batch_stamped_of_owner'),
        ),
        migrations.AddField(
            model_name='tombstone',
            name='owner',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='tombstones', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='tombstone',
            index=models.Index(fields=['owner', 'gone_at', 'id'], name='tombstone_gone_of_owner'),
        ),
        migrations.RunSQL(STAMP, UNSTAMP),
        migrations.RunSQL(BURY, UNBURY),
    ]
