"""Who walks the product in the audit, and where each begins; the links of the pages lead on."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import Resolver404, resolve

from pengaduan.models import Stage
from reports.pages.listing import ROWS_OF
from tests.cast import VILLAGE
from tests.face.story import TOLD, Story
from tests.test_record_page import filled, there
from tiers.admin_site import site
from tiers.models import User

STEPS = {"officer_step"}  # the same page for whoever may take the step
FILES = re.compile(r"\.(pdf|xlsx|csv|json|txt|ics)$|/pdf$|/berkas(/[0-9a-f-]+)?$|/unduh/$|/xlsx/?$")
STOCK = re.compile(r"^/admin/.*/(history|delete)/$")  # Django's own, alike for every model
ACTS = re.compile(r"/keluar/$|/logout/$|/bahasa/$")  # no reading


PUBLIC = (
    *("/", "/masuk/", "/akun/daftar/", "/akun/ditutup/", "/luring/", "/luring/tulis/", "/luring/catat/"),
    *("/statistik/", "/terlalu-besar/", "/akun/kata-sandi/lupa/", "/akun/kata-sandi/lupa/terkirim/"),
    *("/akun/kata-sandi/baru/selesai/", "/akun/kata-sandi/baru/1-tidak-berlaku/"),
)


@dataclass
class Visitor:
    """One person at the telephone: cookies, the first addresses, and how far the links are followed."""

    name: str
    cookies: dict[str, str]
    starts: list[str]
    stays_below: tuple[str, ...] = ("/",)


@dataclass
class Trail:
    """Which pages were looked at: each once for each kind of visitor, whatever case or row it shows."""

    known: set[tuple] = field(default_factory=set)

    def is_new(self, visitor: str, address: str) -> bool:
        key = kind_of(address, visitor)
        if key is None or key in self.known:
            return False
        self.known.add(key)
        return True


def kind_of(address: str, visitor: str = "") -> tuple | None:
    """Return what tells a page from another of its kind: its route, step and view; None where there is no page.

    A filtered list is looked at once for all, in the admin not at all: there the filters are Django's own. By which row
    of a report's tables a list is narrowed makes no other page.
    """
    parts = urlsplit(address)
    if FILES.search(parts.path) or ACTS.search(parts.path):
        return None
    try:
        found = resolve(parts.path)
    except Resolver404:
        return None
    if found.url_name in STEPS:
        return found.route, found.kwargs["code"]
    if stock := STOCK.search(parts.path):
        return (stock[1],)
    asked = {"…" if name in ROWS_OF else name: value for name, value in parse_qsl(parts.query) if value}
    if asked and parts.path.startswith("/admin/"):
        return None
    return found.route, asked.get("tampilan", ""), tuple(sorted(asked)), "" if asked else visitor


def cast(story: Story) -> list[Visitor]:
    """Return everybody: strangers, complainants in each stage, officers of each tier, and who watches over them."""
    officers = [
        *("desa", "kecamatan", "kabupaten", "provinsi", "pusat", "penyelia", "koordinator"),
        *("kustodian", "auditor", "tetangga", "orang"),
    ]
    return [
        Visitor("siapa pun", {}, [*PUBLIC, _forgotten(story.world.desa)]),
        Visitor("yang masuk", {}, []),
        _with_second_factor(),
        *_reporters(story),
        *(_follower(story, name) for name in (Stage.REGISTRATION, "menunggu", "ramai", Stage.FEEDBACK, Stage.CLOSED)),
        *(_officer(story, name) for name in officers),
        _reviewer(story),
    ]


def _signed_in(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return _cookies(client)


def _cookies(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items() if morsel.value}


def _officer(story: Story, name: str) -> Visitor:
    case = "/petugas/pengaduan/{}/".format
    starts = ["/petugas/", "/petugas/catat/?program=pkh", "/akun/"]
    if name in {"desa", "kecamatan"}:
        starts += [case(story.number(each)) for each in [*Stage, "menunggu", "ramai", "terlambat"]]
    if name in {"kabupaten", "pusat"}:
        starts.append("/petugas/rekomendasi/")
    if name == "desa":
        starts += [f"/petugas/catat/?program=pkh&wilayah={VILLAGE}", _recorded(story)]
    if name in {"penyelia", "auditor", "kabupaten", "pusat"}:
        starts.append(case(story.number("ramai")))
    return Visitor(name, _signed_in(User.objects.get(username=name)), starts, ("/petugas/", "/akun/"))


def _forgotten(user: User) -> str:
    """Return the address that the mail about a forgotten password leads to."""
    return f"/akun/kata-sandi/baru/{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}/"


def _recorded(story: Story) -> str:
    """Record a complaint at the desk and return the address of its slip."""
    client = Client()
    client.force_login(story.world.desa)
    answer = client.post(there(), filled(story.world, text="Loket tutup ketika kartu baru dibagikan."))
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def _with_second_factor() -> Visitor:
    behind = ["/akun/", "/akun/langkah-kedua/matikan/", "/akun/kode-pemulihan/", "/akun/kode-pemulihan/baru/"]
    asked = ["/akun/pastikan/", "/akun/pastikan/langkah-kedua/"]
    return Visitor("yang berkunci", _signed_in(User.objects.get(username="berkunci")), [*asked, *behind], ("/akun/",))


def _reviewer(story: Story) -> Visitor:
    lists = [f"/admin/{each._meta.app_label}/{each._meta.model_name}/" for each in site._registry]
    return Visitor("peninjau", _signed_in(story.world.peninjau), ["/admin/", *lists], ("/admin/", "/akun/"))


def _follower(story: Story, name: str) -> Visitor:
    client = Client()
    answer = client.post("/lacak/", {"code": story.codes[name]})
    assert answer.status_code == 302, name
    return Visitor(f"pelapor {name}", _cookies(client), ["/lacak/pengaduan/"], ("/lacak/",))


def _reporters(story: Story) -> list[Visitor]:
    """One who stands before the first answer, one whose draft is complete, and one who holds the receipt."""
    begun, ready, sent = Client(), Client(), Client()
    for client in (ready, sent):
        _answered(client)
    page = sent.get("/lapor/periksa/")
    typed = {each["name"]: each["value"] for each in _hidden(page.content.decode())}
    assert sent.post("/lapor/periksa/", typed).status_code == 302
    begun.post("/lapor/", {"program": "pkh"})
    place = "/lapor/lokasi/"
    steps = ["/lapor/", place, "/lapor/kejadian/", "/lapor/identitas/", "/lapor/periksa/"]
    return [
        Visitor("yang melapor", _cookies(ready), steps, ("/lapor/",)),
        Visitor("yang mencari desa", _cookies(begun), [place, f"{place}?cari=indra"], (place,)),
        Visitor("yang sudah melapor", _cookies(sent), ["/lapor/tanda-terima/"], ("/lapor/tanda-terima/",)),
    ]  # fmt: skip


def _answered(client: Client) -> None:
    for address, typed in (
        ("/lapor/", {"program": "pkh"}),
        ("/lapor/lokasi/", {"region": VILLAGE}),
        ("/lapor/kejadian/", {"category": "pembayaran", "text": TOLD}),
        ("/lapor/identitas/", {"secrecy": "rahasia", "name": "Siti Contoh", "email": "siti@contoh.id"}),
    ):
        answer = client.post(address, typed)
        assert answer.status_code == 302, (address, answer.content.decode()[-3000:])


def _hidden(html: str) -> list[dict[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return [{"name": name, "value": value} for name, value in found if name != "csrfmiddlewaretoken"]
