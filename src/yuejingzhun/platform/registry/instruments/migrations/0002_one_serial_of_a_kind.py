"""A serial number tells instruments apart within what one regulation covers, whatever its edition."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("instruments", "0001_initial"),)

    operations = (
        migrations.RemoveConstraint(model_name="instrument", name="one_instrument_of_a_serial"),
        migrations.AddField(
            model_name="instrument",
            name="regulation_series",
            field=models.CharField(default="", max_length=40, verbose_name="规程号（不含年份）"),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "update instruments_instrument set regulation_series = regexp_replace(regulation, '-[0-9]+$', '')",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.UniqueConstraint(
                fields=("maker", "model", "serial", "regulation_series"), name="one_instrument_of_a_serial"
            ),
        ),
    )
