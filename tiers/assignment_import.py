"""Assignments from a spreadsheet: who, where, as what, from when; people who are not known yet get an account (D4)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiers import offices, sheets
from tiers.admin_import import SheetResource
from tiers.admin_site import CHANGE, in_area, site
from tiers.models import Assignment, Office, Programme, Region, Tier, User
from tiers.permissions import ROLES

USERNAME, NAME, EMAIL = "nama pengguna", "nama", "surel"
PROGRAMME, REGION, ROLE, START, END = "program", "kode wilayah", "peran", "mulai", "sampai"
OF_USER = {"username": USERNAME, "name": NAME, "email": EMAIL}

NOTES = (
    _("Nama pengguna: yang sudah ada, atau yang baru. Untuk orang baru isi juga nama dan surel."),
    _("Program: kodenya, misalnya pkh."),
    _("Kode wilayah: kode Kemendagri, misalnya 33.29.01.2001; kosong untuk Pusat."),
    _("Peran: petugas, penyelia, koordinator, peninjau, auditor, kustodian, atau admin-sistem."),
    _("Mulai dan sampai: tanggal, misalnya 2026-03-01; sampai boleh kosong."),
    _("Penugasan yang sudah ada (orang, kantor, peran, dan mulainya sama) diubah tanggal akhirnya."),
)


class AssignmentResource(SheetResource):
    """A row is an assignment, found again by person, office, role and first day; only its last day changes."""

    columns = (USERNAME, NAME, EMAIL, PROGRAMME, REGION, ROLE, START, END)
    required = (USERNAME, PROGRAMME, ROLE, START)

    class Meta:
        model = Assignment
        import_id_fields = ()
        use_transactions = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        store_row_values = True

    def before_import(self, dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        people = site.get_model_admin(User)
        self.changeable = set(User.objects.filter(people.reach(self.by, CHANGE)).values_list("pk", flat=True))
        self.invited: dict[str, User] = {}

    def before_import_row(self, row: dict[str, str], **kwargs: Any) -> None:
        """Read a row whole, so that all its faults are told together."""
        faults = self.faults_of_cells(row)
        read = {}
        readers = {
            "user": (self._user, {USERNAME, NAME, EMAIL}),
            "office": (self._office, {PROGRAMME, REGION}),
            "role": (self._role, {ROLE}),
            "days": (self._days, {START, END}),
        }
        for name, (reads, cells) in readers.items():
            if cells & faults.keys():
                continue
            try:
                read[name] = reads(row)
            except ValidationError as fault:
                faults |= fault.error_dict
        if faults:
            raise ValidationError(faults)
        (first, last), user = read["days"], read["user"]
        self.only_once((user.username, read["office"].pk, read["role"], first))
        self.read = {"user": user, "office": read["office"], "role": read["role"], "starts_on": first}
        self.ends_on = last
        self._refuse_overlap(user)

    def _user(self, row: dict[str, str]) -> User:
        username = row[USERNAME]
        if username in self.invited:
            return self.invited[username]
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            return self._new_user(row)
        if user == self.by:
            raise ValidationError(
                {USERNAME: _("Anda tidak dapat mengubah penugasan Anda sendiri. Minta peninjau lain.")}
            )
        if user.pk not in self.changeable:
            raise ValidationError(
                {USERNAME: _("Nama pengguna ini sudah dipakai di luar wilayah tugas Anda. Pilih nama lain.")}
            )
        if row[NAME] and row[NAME] != user.name:
            raise ValidationError({NAME: _("Orang dengan nama pengguna ini bernama lain. Periksa nama penggunanya.")})
        return user

    def _new_user(self, row: dict[str, str]) -> User:
        """Make the account of somebody new, without a password: a link sets it."""
        user = User(username=row[USERNAME], name=row[NAME], email=row[EMAIL])
        user.set_unusable_password()
        missing = {name: _("Isi untuk orang baru.") for name in (NAME, EMAIL) if not row[name]}
        if missing:
            raise ValidationError(missing)
        try:
            user.full_clean(exclude=["password"])
        except ValidationError as fault:
            told = {OF_USER.get(name, name): said for name, said in fault.message_dict.items()}
            raise ValidationError(told) from fault
        user.save()
        self.invited[user.username] = user
        return user

    def _office(self, row: dict[str, str]) -> Office:
        programme = Programme.objects.filter(code=row[PROGRAMME].lower()).first()
        if programme is None:
            raise ValidationError({PROGRAMME: _("Program dengan kode ini tidak ada. Periksa kodenya.")})
        region = self._region(row[REGION])
        tier = Tier(region.tier) if region else Tier.PUSAT
        if not in_area(self.by, programme, tier, region):
            raise ValidationError({REGION: _("Kantor ini di luar wilayah tugas Anda. Hapus baris ini.")})
        rung = programme.ladder.filter(tier=tier).first()
        if rung is None:
            sentence = gettext("%(programme)s tidak mempunyai kantor di jenjang %(tier)s.")
            raise ValidationError({REGION: sentence % {"programme": programme, "tier": tier.label}})
        return offices.opened(rung, region)

    def _region(self, code: str) -> Region | None:
        region = Region.objects.filter(pk=code).first() if code else None
        if code and region is None:
            raise ValidationError({REGION: _("Wilayah dengan kode ini tidak ada. Periksa kodenya.")})
        return region

    def _role(self, row: dict[str, str]) -> str:
        said = row[ROLE].lower()
        for code, role in ROLES.items():
            if said in (code, str(role.label).lower()):
                return code
        sentence = gettext("Peran ini tidak ada. Pilih dari: %(roles)s.")
        raise ValidationError({ROLE: sentence % {"roles": ", ".join(ROLES)}})

    def _days(self, row: dict[str, str]) -> tuple[date, date | None]:
        days: dict[str, date | None] = {}
        for name in (START, END):
            try:
                days[name] = sheets.day(row[name]) if row[name] else None
            except ValueError as fault:
                raise ValidationError({name: str(fault)}) from fault
        first, last = days[START], days[END]
        assert first is not None  # required, and so refused above where it is empty
        if last and last < first:
            raise ValidationError({END: _("Tanggal akhir harus sesudah tanggal mulai.")})
        return first, last

    def _refuse_overlap(self, user: User) -> None:
        """Refuse the same work twice at a time; the row that is being changed is no overlap."""
        first, last = self.read["starts_on"], self.ends_on
        others = Assignment.objects.filter(user=user, office=self.read["office"], role=self.read["role"], absence=None)
        others = others.exclude(starts_on=first).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first))
        if other := (others.filter(starts_on__lte=last) if last else others).first():
            sentence = gettext("Sudah bertugas di kantor itu dengan peran itu sejak %(day)s.")
            raise ValidationError({START: sentence % {"day": other.starts_on.isoformat()}})

    def get_instance(self, instance_loader, row: dict[str, str]) -> Assignment | None:
        return Assignment.objects.filter(**self.read, absence=None).first()

    def import_instance(self, instance: Assignment, row: dict[str, str], **kwargs: Any) -> None:
        for name, value in {**self.read, "ends_on": self.ends_on}.items():
            setattr(instance, name, value)

    def skip_row(self, instance: Assignment, original: Assignment, row, import_validation_errors=None) -> bool:
        return original.pk is not None and original.ends_on == self.ends_on


def exported(assignments: QuerySet[Assignment]) -> Iterator[tuple]:
    """Return assignments as rows that can be brought in again."""
    rows = assignments.select_related("user", "office__programme").order_by("office__tier", "office__name", "pk")
    for each in rows.iterator(chunk_size=500):
        user, office = each.user, each.office
        yield (
            *(user.username, user.name, user.email, office.programme.code, office.region_id or ""),
            *(each.role, each.starts_on, each.ends_on),
        )
