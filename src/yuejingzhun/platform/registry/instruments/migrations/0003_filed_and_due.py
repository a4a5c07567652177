"""What an instrument is used for, where, and until when its last verification holds; a tag for its label."""

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Left

from yuejingzhun.platform.registry.instruments.models import InUse, Use, new_tag


def text(verbose: str, length: int) -> models.CharField:  # type: ignore[type-arg]
    return models.CharField(verbose, max_length=length, blank=True, default="")


def give_tags(apps, schema_editor) -> None:  # type: ignore[no-untyped-def]
    instruments = apps.get_model("instruments", "Instrument").objects
    for instrument in instruments.only("pk").iterator():
        instruments.filter(pk=instrument.pk).update(tag=new_tag(), city=Left(F("region"), 4))


class Migration(migrations.Migration):
    dependencies = (("instruments", "0002_one_serial_of_a_kind"),)

    operations = (
        migrations.AlterField(
            "instrument",
            "holder",
            models.ForeignKey("parties.Organisation", models.PROTECT, verbose_name="使用单位", db_index=False),
        ),
        *(
            migrations.AddField("instrument", name, text(verbose, length))
            for name, verbose, length in (
                ("item", "强制管理目录项目", 12),
                ("accuracy_class", "准确度等级", 40),
                ("measuring_range", "测量范围", 120),
                ("type_approval", "型式批准证书号", 40),
                ("holder_number", "使用单位编号", 80),
                ("last_certificate", "最近一份证书", 80),
            )
        ),
        migrations.AddField(
            "instrument", "use", models.CharField("用途", max_length=12, choices=Use.choices, default=Use.TRADE)
        ),
        migrations.AddField(
            "instrument",
            "in_use",
            models.CharField("使用状态", max_length=10, choices=InUse.choices, default=InUse.IN_USE),
        ),
        migrations.AddField("instrument", "filed_at", models.DateTimeField("备案时间", null=True)),
        migrations.AddField("instrument", "last_passed", models.BooleanField("最近一次合格", null=True)),
        migrations.AddField("instrument", "valid_until", models.DateField("检定有效期至", null=True, blank=True)),
        migrations.AddField(
            "instrument", "city", models.CharField("所在市", max_length=4, default=""), preserve_default=False
        ),
        migrations.AddField("instrument", "tag", models.CharField("标签", max_length=12, null=True)),
        migrations.RunPython(give_tags, migrations.RunPython.noop),
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),
        migrations.AlterField(
            "instrument", "tag", models.CharField("标签", max_length=12, unique=True, default=new_tag)
        ),
        migrations.AddConstraint(
            "instrument", models.CheckConstraint(name="city_is_the_regions", condition=Q(city=Left(F("region"), 4)))
        ),
        migrations.AddIndex(
            "instrument",
            models.Index(fields=["city", "valid_until", "id"], name="due_in_city", condition=Q(in_use="in_use")),
        ),
        migrations.AddIndex(
            "instrument",
            models.Index(fields=["region", "valid_until", "id"], name="due_in_county", condition=Q(in_use="in_use")),
        ),
        migrations.AddIndex("instrument", models.Index(fields=["holder", "valid_until", "id"], name="due_of_holder")),
        migrations.AddIndex("instrument", models.Index(fields=["serial"], name="by_serial")),
    )
