import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pengaduan", "0007_handling_by_the_procedure"),
    ]

    operations = [
        TrigramExtension(),  # similar words find the same matter (D20)
        migrations.AddField(
            model_name="complainant",
            name="accepted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="menerima hasil"),
        ),
        migrations.AddField(
            model_name="complainant",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="mencabut"),
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("regency_code", models.CharField(blank=True, max_length=5)),
                ("created_at", models.DateTimeField()),
                (
                    "complaint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="pengaduan.complaint",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pengaduan.complaint",
                    ),
                ),
            ],
            options={
                "verbose_name": "tautan pengaduan",
                "verbose_name_plural": "tautan pengaduan",
                "constraints": [
                    models.UniqueConstraint(fields=("complaint", "other"), name="linked_once"),
                    models.CheckConstraint(
                        condition=models.Q(("complaint", models.F("other")), _negated=True), name="linked_with_another"
                    ),
                ],
            },
        ),
    ]
