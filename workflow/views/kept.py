"""Who may open the officers' pages, and what becomes of a form that was sent after the session had ended (D62).

What was typed is kept sealed for whoever typed it, shown again after signing in, and then forgotten.
"""

import json
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from pengaduan.sealing import seal, unseal
from tiers import scope
from workflow.models import Draft

PURPOSE = "tertunda"
MOST_BYTES = 100_000  # more than the longest form; what is larger was not typed
OWNER = "petugas"  # the hidden field that says whose form it was: on a shared computer the next person is another
NOT_KEPT = {"csrfmiddlewaretoken"}


def officer_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only people with an assignment in; whoever is not signed in loses nothing of what they sent.

    The pages show what is secret, often on a computer that several people use: no browser stores them.
    """

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if request.method == "POST":
                _keep(request)
            return redirect_to_login(request.get_full_path())
        if not scope.assignments_of(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def typed_before(request: HttpRequest) -> QueryDict | None:
    """Return what this officer had typed into this page when the session ended, once, and say so."""
    key = request.session.get(PURPOSE)
    draft = Draft.objects.filter(pk=key, purpose=PURPOSE).first() if key else None
    if draft is None:
        return None
    kept = json.loads(unseal(draft.content, table="draft", column="content", row=draft.pk))
    if kept["path"] != request.get_full_path():
        return None
    draft.delete()
    del request.session[PURPOSE]
    if kept["fields"].pop(OWNER, None) != [str(request.user.pk)]:
        return None
    typed = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        typed.setlist(name, values)
    messages.info(request, _("Yang Anda tulis sebelum sesi berakhir masih ada. Berkas harus dipilih lagi."))
    return typed


def shown_as_typed(form: forms.Form) -> forms.Form:
    """Fill a form with what was typed and say nothing yet of what is wrong in it."""
    form._errors = ErrorDict()
    form.cleaned_data = {}
    return form


def _keep(request: HttpRequest) -> None:
    fields = {name: values for name, values in request.POST.lists() if name not in NOT_KEPT}
    content = json.dumps({"path": request.get_full_path(), "fields": fields})
    if len(content) > MOST_BYTES:
        messages.warning(request, _("Sesi Anda sudah berakhir. Masuk lagi, lalu isi formulirnya sekali lagi."))
        return
    Draft.objects.filter(pk=request.session.get(PURPOSE), purpose=PURPOSE).delete()
    key = uuid.uuid4()
    Draft.objects.create(
        pk=key,
        purpose=PURPOSE,
        content=seal(content, table="draft", column="content", row=key),
        updated_at=timezone.now(),
    )
    request.session[PURPOSE] = str(key)
    messages.info(request, _("Sesi Anda sudah berakhir. Masuk lagi; yang Anda tulis tidak hilang."))
