"""Pages leave compressed from the application itself, so that a trial without nginx is as quick on a weak signal."""

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

WORDS = ("text/", "application/json", "image/svg+xml")


class CompressedPages(GZipMiddleware):
    """Compress what is words; photos, PDFs and workbooks are compressed already and go out as they are.

    Django masks its tokens anew in each answer and pads each by a random length, against guesses from its size.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.streaming or not response.headers.get("Content-Type", "").startswith(WORDS):
            return response
        return super().process_response(request, response)
