"""The process that makes one PDF and ends. It imports nothing of the portal: `pdf.py` runs this file by its path.

Reads an order (JSON) from standard input and writes the PDF to standard output. Exit codes: 1 could not be laid out,
3 no Pango.
"""

import base64
import json
import resource
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

_NO_PANGO = 3


def main() -> int:
    order = json.load(sys.stdin.buffer)
    _limit(order["seconds"], order["megabytes"])
    try:
        import weasyprint  # noqa: F401
    except (OSError, ImportError) as error:
        sys.stderr.write(f"{error}".replace("\n", " "))
        return _NO_PANGO
    sys.stdout.buffer.write(_render(order))
    return 0


def _limit(seconds: int, megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if sys.platform == "linux":  # elsewhere address space says nothing about memory
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _render(order: dict[str, Any]) -> bytes:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fetcher = _fetcher(Path(order["fonts"]))
    configuration = FontConfiguration()
    css = weasyprint.CSS(string=order["css"], font_config=configuration, url_fetcher=fetcher)
    document = weasyprint.HTML(string=order["html"], url_fetcher=fetcher, base_url="about:blank")
    pdf = document.write_pdf(
        stylesheets=[css],
        font_config=configuration,
        attachments=[_attachment(file, datetime.fromisoformat(order["made_at"])) for file in order["attachments"]],
        pdf_variant="pdf/ua-1",
        pdf_identifier=order["identifier"].encode(),
    )
    return bytes(pdf)


def _attachment(file: dict[str, str], made_at: datetime) -> Any:
    import weasyprint

    return weasyprint.Attachment(
        string=base64.b64decode(file["content"]),
        name=file["name"],
        description=file["description"] or None,
        created=made_at,
        modified=made_at,
        relationship="Data",
    )


def _fetcher(fonts: Path) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Nothing(URLFetcher):
        """Fetches our own font files by name, and what the document itself holds. Nothing else: no net, no files."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("font:"):
                file = fonts / url.removeprefix("font:")
                if file in fonts.iterdir():
                    return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": "font/ttf"})
            if url.startswith("data:"):
                return super().fetch(url, headers)
            sys.stderr.write(f"Not fetched for a PDF: {url[:200]!r}\n")
            raise ValueError("A PDF fetches nothing.")

    return Nothing(allowed_protocols=("data",), allow_redirects=False)


if __name__ == "__main__":
    sys.exit(main())
