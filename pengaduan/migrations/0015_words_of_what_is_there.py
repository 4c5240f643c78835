"""Give the complaints that were there before the triggers their words."""

from django.db import migrations

FILL = """
INSERT INTO pengaduan_searchentry (complaint_id, regency_code, words)
SELECT c.id, coalesce(c.regency_code, ''),
       complaint_words(c.number, c.subject, coalesce(t.recorded, ''), c.programme_id, c.region_id, c.concealed_tier)
  FROM pengaduan_complaint c LEFT JOIN pengaduan_complainttext t ON t.complaint_id = c.id
ON CONFLICT (complaint_id) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("pengaduan", "0014_search_words")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
