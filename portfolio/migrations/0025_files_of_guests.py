from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0024_models_of_systems")]

    operations = [
        migrations.AddField(
            model_name="guestlink",
            name="files_sent",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="guestlink",
            name="bytes_sent",
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
    ]
