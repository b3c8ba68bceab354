import django.core.validators
from django.db import migrations, models


# Who is here already knows where things are.
KNOWN = "UPDATE accounts_user SET welcomed_at = date_joined"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_how_a_ph_is_measured'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='room_temperature_c',
            field=models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(45)]),
        ),
        migrations.AddField(
            model_name='user',
            name='usual_culture',
            field=models.CharField(blank=True, db_default='', max_length=20),
        ),
        migrations.AddField(
            model_name='user',
            name='welcomed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('room_temperature_c__isnull', True), models.Q(('room_temperature_c__gte', 0), ('room_temperature_c__lte', 45)), _connector='OR'), name='user_room_is_as_warm_as_a_room', violation_error_code='out_of_range', violation_error_message='It must be between 0 and 45 °C.'),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
