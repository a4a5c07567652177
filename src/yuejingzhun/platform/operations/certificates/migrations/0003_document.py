import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("certificates", "0002_append_only"),)
    operations = (
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pdf", models.BinaryField(verbose_name="PDF")),
                ("bundle", models.BinaryField(verbose_name="证书包")),
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document",
                        to="certificates.certificate",
                        verbose_name="证书",
                    ),
                ),
            ],
            options={"verbose_name": "证书文件", "verbose_name_plural": "证书文件"},
        ),
    )
