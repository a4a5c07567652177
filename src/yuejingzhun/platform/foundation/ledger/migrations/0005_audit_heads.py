"""Found without reading the whole ledger: the heads of the audit trail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("ledger", "0004_anchored_append_only"),)
    operations = (
        migrations.AddIndex(
            "statement",
            models.Index(condition=models.Q(("event", "audit-head")), fields=["id"], name="ledger_audit_heads"),
        ),
    )
