from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("certificates", "0005_unprinted"),)
    operations = (
        migrations.AddField(
            model_name="certificate",
            name="paper_key",
            field=models.CharField(db_default="", max_length=22, verbose_name="二维码密钥"),
        ),
    )
