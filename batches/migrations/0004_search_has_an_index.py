from django.contrib.postgres.operations import BtreeGinExtension, TrigramExtension
from django.db import migrations

# By the words as `icontains` compares them, and the owner beside them, so that a common word finds one's own rows.
# As SQL: models name an operator class only where all of django.contrib.postgres is installed, which asks each new
# connection about types that nobody uses.
INDEX = """
    CREATE INDEX batch_by_words_of_owner ON batches_batch
        USING gin (owner_id, UPPER(name::text) gin_trgm_ops, UPPER(notes::text) gin_trgm_ops)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('batches', '0003_batch_is_sensed'),
    ]

    operations = [
        TrigramExtension(),
        BtreeGinExtension(),
        migrations.RunSQL(INDEX, "DROP INDEX batch_by_words_of_owner"),
    ]
