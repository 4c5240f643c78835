"""What follows the heads of the lists stands by itself: a nation needs it of few buckets."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0006_tallies"),
    ]

    operations = [
        migrations.AddField(
            model_name="tally",
            name="rest",
            field=models.TextField(default="{}"),
        ),
    ]
