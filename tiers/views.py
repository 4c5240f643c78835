"""Signing out, on a computer that the next person sits down at."""

from typing import Any

from allauth.account.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

QUEUE = "antre"  # the cookie in which a telephone says how many entries it has not sent yet; the server holds none
ALL_THE_SAME = "buang"  # the button that signs out although entries would be lost


class SignOutView(LogoutView):
    """End the session and have the browser forget the pages and drafts it kept.

    Entries written without a signal would go with them: who still has some is asked first (D62).
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _waiting(request) and request.user.is_authenticated and ALL_THE_SAME not in request.POST:
            return redirect("account_logout")
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        response.delete_cookie(QUEUE, samesite="Strict")
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"waiting": _waiting(self.request)}


def _waiting(request: HttpRequest) -> int:
    count = request.COOKIES.get(QUEUE, "")
    return int(count[:4]) if count.isascii() and count.isdigit() else 0


sign_out = SignOutView.as_view()
