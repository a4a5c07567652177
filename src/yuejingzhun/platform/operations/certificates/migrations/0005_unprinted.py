import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("certificates", "0004_documents"),)
    operations = (
        migrations.CreateModel(
            name="Unprinted",
            fields=[
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="certificates.certificate",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            """
            INSERT INTO certificates_unprinted (certificate_id)
                SELECT c.id FROM certificates_certificate c
                WHERE NOT EXISTS (SELECT FROM certificates_document d WHERE d.certificate_id = c.id);
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    )
