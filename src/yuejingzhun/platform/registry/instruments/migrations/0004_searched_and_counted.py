"""Instruments are found by fragments of their numbers and names, and counted without being read."""

from django.db import migrations, models

from yuejingzhun.platform.foundation.parties.fragments import FUNCTIONS

SEARCH = """
CREATE INDEX serial_fragments ON instruments_instrument USING gin (grams(serial, 3)) WITH (fastupdate = off);
CREATE INDEX type_fragments ON instruments_knowntype
    USING gin (grams(maker || ' ' || model || ' ' || name, 2));

CREATE FUNCTION instruments_know_types() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO instruments_knowntype (maker, model, name)
    SELECT DISTINCT maker, model, name FROM written
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER know_inserted_types AFTER INSERT ON instruments_instrument
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION instruments_know_types();
CREATE TRIGGER know_updated_types AFTER UPDATE ON instruments_instrument
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION instruments_know_types();
INSERT INTO instruments_knowntype (maker, model, name) SELECT DISTINCT maker, model, name FROM instruments_instrument;
"""
SEARCH_UNDONE = """
DROP TRIGGER know_updated_types ON instruments_instrument;
DROP TRIGGER know_inserted_types ON instruments_instrument;
DROP FUNCTION instruments_know_types();
DROP INDEX type_fragments;
DROP INDEX serial_fragments;
"""

COUNTS = """
CREATE FUNCTION instruments_count_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO instruments_countchange (region, item, in_use, valid_until, number)
    SELECT region, item, in_use, coalesce(valid_until, '0001-01-01'), count(*) FROM new_rows GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE FUNCTION instruments_count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO instruments_countchange (region, item, in_use, valid_until, number)
    SELECT region, item, in_use, coalesce(valid_until, '0001-01-01'), -count(*) FROM old_rows GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE FUNCTION instruments_count_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO instruments_countchange (region, item, in_use, valid_until, number)
    SELECT region, item, in_use, until, sum(n) FROM (
        SELECT region, item, in_use, coalesce(valid_until, '0001-01-01') AS until, 1 AS n FROM new_rows
        UNION ALL
        SELECT region, item, in_use, coalesce(valid_until, '0001-01-01'), -1 FROM old_rows) AS both_rows
    GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER count_inserted AFTER INSERT ON instruments_instrument
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION instruments_count_inserted();
CREATE TRIGGER count_deleted AFTER DELETE ON instruments_instrument
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION instruments_count_deleted();
CREATE TRIGGER count_updated AFTER UPDATE ON instruments_instrument
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION instruments_count_updated();
INSERT INTO instruments_countchange (region, item, in_use, valid_until, number)
    SELECT region, item, in_use, coalesce(valid_until, '0001-01-01'), count(*)
    FROM instruments_instrument GROUP BY 1, 2, 3, 4;
"""
COUNTS_UNDONE = """
DROP TRIGGER count_updated ON instruments_instrument;
DROP TRIGGER count_deleted ON instruments_instrument;
DROP TRIGGER count_inserted ON instruments_instrument;
DROP FUNCTION instruments_count_updated();
DROP FUNCTION instruments_count_deleted();
DROP FUNCTION instruments_count_inserted();
"""


def key() -> tuple[str, models.BigAutoField]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = (("instruments", "0003_filed_and_due"),)

    operations = (
        migrations.CreateModel(
            name="KnownType",
            fields=[
                key(),
                ("maker", models.CharField("制造单位", max_length=200)),
                ("model", models.CharField("型号", max_length=120)),
                ("name", models.CharField("名称", max_length=120)),
            ],
            options={"verbose_name": "型式", "verbose_name_plural": "型式"},
        ),
        migrations.CreateModel(
            name="DueCount",
            fields=[
                key(),
                ("region", models.CharField("所在行政区划", max_length=6)),
                ("in_use", models.CharField("使用状态", max_length=10)),
                ("valid_until", models.DateField("检定有效期至")),
                ("number", models.BigIntegerField("台件")),
            ],
            options={"verbose_name": "到期台件数", "verbose_name_plural": "到期台件数"},
        ),
        migrations.CreateModel(
            name="ItemCount",
            fields=[
                key(),
                ("region", models.CharField("所在行政区划", max_length=6)),
                ("item", models.CharField("强制管理目录项目", max_length=12)),
                ("in_use", models.CharField("使用状态", max_length=10)),
                ("valid_month", models.DateField("检定有效期至（月）")),
                ("number", models.BigIntegerField("台件")),
            ],
            options={"verbose_name": "各项目台件数", "verbose_name_plural": "各项目台件数"},
        ),
        migrations.CreateModel(
            name="CountChange",
            fields=[
                key(),
                ("region", models.CharField(max_length=6)),
                ("item", models.CharField(max_length=12)),
                ("in_use", models.CharField(max_length=10)),
                ("valid_until", models.DateField()),
                ("number", models.BigIntegerField()),
            ],
            options={"verbose_name": "台件数的变化", "verbose_name_plural": "台件数的变化"},
        ),
        *(
            migrations.AddConstraint(name, models.UniqueConstraint(fields=fields, name=constraint))
            for name, fields, constraint in (
                ("knowntype", ("maker", "model", "name"), "one_row_a_type"),
                ("duecount", ("region", "in_use", "valid_until"), "one_due_count"),
                ("itemcount", ("region", "item", "in_use", "valid_month"), "one_item_count"),
            )
        ),
        migrations.AddIndex("instrument", models.Index(fields=["maker", "model", "region"], name="type_in_region")),
        # Not a dependency on the migration of parties that runs it as well: installations older than that have this one.
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(SEARCH, SEARCH_UNDONE),
        migrations.RunSQL(COUNTS, COUNTS_UNDONE),
    )
