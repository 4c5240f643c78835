"""Numbers, charts and tables for the templates of a report."""

from collections.abc import Sequence
from typing import Any

from django import template

from reports.pages import screen_charts, statistics
from reports.papers import charts, numbers, periodic_charts, sentences, tiles

register = template.Library()
register.filter("jumlah", numbers.amount)
register.filter("rupiah", numbers.rupiah)
register.filter("publik", statistics.in_public)
register.filter("terlihat", statistics.loud)
register.filter("sepi", statistics.quiet)
register.simple_tag(charts.trend, name="grafik_bulanan")
register.simple_tag(charts.on_time, name="grafik_tepat_waktu")
register.simple_tag(charts.provinces, name="peta_provinsi")
register.simple_tag(periodic_charts.quarters, name="grafik_triwulan")
register.simple_tag(charts.ranked, name="grafik_tempat")
register.simple_tag(charts.speeds, name="grafik_lama")
register.simple_tag(charts.ages, name="grafik_umur")
register.simple_tag(sentences.most, name="terbanyak")
register.filter("huruf", tiles.letters)
register.simple_tag(screen_charts.trend, name="layar_bulanan")
register.simple_tag(screen_charts.on_time, name="layar_tepat_waktu")
register.simple_tag(screen_charts.provinces, name="layar_peta_provinsi")
register.simple_tag(numbers.share, name="bagian")

ROWS_A_TABLE = 38


@register.filter
def dipotong(rows: Sequence[Any], length: int = ROWS_A_TABLE) -> list[Sequence[Any]]:
    """Cut rows into tables of at most 38: a long one makes the rendering slow and its memory grow."""
    return [rows[start : start + length] for start in range(0, len(rows), length)]


@register.filter
def terdepan(rows: Sequence[Any], most: int) -> Sequence[Any]:
    """Return the first rows of a list; a report stays short, the workbook has the rest."""
    return rows[:most]
