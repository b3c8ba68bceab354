import datetime

import django.core.validators
import django.db.models.deletion
import uuid
from django.db import migrations, models

# Whoever deletes a photo - a verb, the back office, a cascade, somebody at psql -, its objects become due for deletion in
# the same transaction. So do those whose key a row no longer names. A signed PUT may still write for a while after it
# was asked for, so what it may write is deleted when it can no more.
DISCARD = """
CREATE FUNCTION events_discard_objects() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text[] := '{}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        kept := ARRAY[NEW.incoming_key, NEW.original_key, NEW.web_key, NEW.thumbnail_key];
    END IF;
    INSERT INTO events_discardedobject (key, due_at)
    SELECT named.key, CASE
        WHEN named.key = OLD.incoming_key THEN greatest(now(), OLD.created_at + interval '15 minutes')
        ELSE now()
    END
    FROM unnest(ARRAY[OLD.incoming_key, OLD.original_key, OLD.web_key, OLD.thumbnail_key]) AS named (key)
    WHERE named.key <> '' AND named.key <> ALL (kept);
    RETURN NULL;
END
$$;
CREATE TRIGGER events_photo_discards_objects
    AFTER DELETE OR UPDATE OF incoming_key, original_key, web_key, thumbnail_key ON events_photo
    FOR EACH ROW EXECUTE FUNCTION events_discard_objects();
"""
KEEP = """
DROP TRIGGER events_photo_discards_objects ON events_photo;
DROP FUNCTION events_discard_objects();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0001_initial'),
        ('events', '0002_changes_are_stamped'),
    ]

    operations = [
        migrations.CreateModel(
            name='DiscardedObject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('due_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['due_at'], name='discardedobject_by_due')],
            },
        ),
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('pending', 'Asked for'), ('ready', 'On the timeline'), ('refused', 'No picture')], default='pending', editable=False, max_length=10)),
                ('content_type', models.CharField(choices=[('image/jpeg', 'image/jpeg'), ('image/png', 'image/png'), ('image/webp', 'image/webp'), ('image/heic', 'image/heic'), ('image/heif', 'image/heif'), ('image/avif', 'image/avif')], max_length=20)),
                ('size_bytes', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1, 'It must be between 1 and 10 000 000 bytes.'), django.core.validators.MaxValueValidator(10000000, 'It must be between 1 and 10 000 000 bytes.')], verbose_name='size')),
                ('filename', models.CharField(blank=True, max_length=255, validators=[django.core.validators.RegexValidator('\\A[^\\x00-\\x1f\\x7f]*\\Z', 'Use one line, without control characters.', code='one_line')])),
                ('width', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('height', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('taken_at', models.DateTimeField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), 'That is too long ago to be true.')])),
                ('is_cover', models.BooleanField(default=False, editable=False)),
                ('incoming_key', models.CharField(blank=True, editable=False, max_length=200)),
                ('original_key', models.CharField(blank=True, editable=False, max_length=200)),
                ('web_key', models.CharField(blank=True, editable=False, max_length=200)),
                ('thumbnail_key', models.CharField(blank=True, editable=False, max_length=200)),
                ('etag', models.CharField(blank=True, editable=False, max_length=100)),
                ('created_at', models.DateTimeField(editable=False)),
                ('confirmed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('copied_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('warned_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='batches.batch')),
                ('event', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='photo', to='events.event')),
            ],
            options={
                'indexes': [models.Index(models.F('batch'), models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='photo_newest_of_batch'), models.Index(condition=models.Q(('event__isnull', True)), fields=['created_at'], name='photo_unfinished'), models.Index(condition=models.Q(('state', 'ready'), ('warned_at__isnull', True)), fields=['confirmed_at'], name='photo_unwarned_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('size_bytes__gte', 1), ('size_bytes__lte', 10000000)), name='photo_is_small_enough', violation_error_code='too_large', violation_error_message='A photo has at most 10 MB.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('confirmed_at__isnull', False), ('event__isnull', False)), _connector='OR'), name='photo_that_is_ready_is_on_the_timeline', violation_error_code='not_on_timeline', violation_error_message='A photo that is ready stands on the timeline.'), models.CheckConstraint(condition=models.Q(('is_cover', False), ('state', 'ready'), _connector='OR'), name='photo_on_the_cover_is_ready', violation_error_code='not_ready', violation_error_message='Only a photo that is there can be the cover.'), models.UniqueConstraint(condition=models.Q(('is_cover', True)), fields=('batch',), name='photo_on_the_cover_is_one', violation_error_code='cover_taken', violation_error_message='A batch has one cover.')],
            },
        ),
        migrations.RunSQL(DISCARD, KEEP),
    ]
