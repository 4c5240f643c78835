"""Pages leave compressed from the application itself, so that a trial without nginx is as quick on a weak signal."""

import re

import brotli
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

WORDS = ("text/", "application/json", "image/svg+xml")
WORTH_IT = 200  # bytes
QUALITY = 5  # a tenth smaller than gzip, in a millisecond
TAKES_BROTLI = re.compile(r"\bbr\b")
SEARCHED = ("/petugas/", "/admin/", "/akun/", "/masuk/")


class CompressedPages(GZipMiddleware):
    """Compress what is words; photos, PDFs and workbooks are compressed already and go out as they are.

    Django masks its tokens anew in each answer. The officers' pages, which repeat a search beside what is secret, keep
    to gzip, since Django pads that by a random length against guesses from the size (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.streaming or not response.headers.get("Content-Type", "").startswith(WORDS):
            return response
        if request.path.startswith(SEARCHED) or not TAKES_BROTLI.search(request.headers.get("Accept-Encoding", "")):
            return super().process_response(request, response)
        if len(response.content) < WORTH_IT or response.has_header("Content-Encoding"):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        response.content = brotli.compress(response.content, mode=brotli.MODE_TEXT, quality=QUALITY)
        response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = "br"
        return response
