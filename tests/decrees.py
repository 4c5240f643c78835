"""The days off of 2024-2027, copied by hand from the joint decrees (SKB 3 Menteri) and the election decrees.

Kept apart from the calendar that the product loads, so that a test of a deadline does not repeat its mistake.
"""

from datetime import date

_DAYS_OFF = {
    2024: """01-01 02-08 02-09 02-10 02-14 03-11 03-12 03-29 03-31 04-08 04-09 04-10 04-11 04-12 04-15 05-01 05-09 05-10
             05-23 05-24 06-01 06-17 06-18 07-07 08-17 09-16 11-27 12-25 12-26""",
    2025: """01-01 01-27 01-28 01-29 03-28 03-29 03-31 04-01 04-02 04-03 04-04 04-07 04-18 04-20 05-01 05-12 05-13 05-29
             05-30 06-01 06-06 06-09 06-27 08-17 08-18 09-05 12-25 12-26""",
    2026: """01-01 01-16 02-16 02-17 03-18 03-19 03-20 03-21 03-22 03-23 03-24 04-03 04-05 05-01 05-14 05-15 05-27 05-28
             05-31 06-01 06-16 08-17 08-25 12-24 12-25""",
    2027: """01-01 01-05 02-05 02-06 03-08 03-09 03-10 03-11 03-12 03-15 03-25 03-26 03-28 05-01 05-06 05-17 05-18 05-19
             05-20 06-01 06-06 08-15 08-17 12-24 12-25 12-26""",
}
_NAMES = {"01-01": "Tahun Baru", "05-01": "Hari Buruh", "06-01": "Hari Lahir Pancasila", "08-17": "Hari Kemerdekaan"}

DAYS_OFF = {
    date.fromisoformat(f"{year}-{day}"): _NAMES.get(day, f"Libur {day}")
    for year, days in _DAYS_OFF.items()
    for day in days.split()
}
