"""What a page makes a browser fetch: our CSS and JavaScript and htmx, compressed; Plotly comes only on demand."""

import re
from pathlib import Path

from benchmarks import place
from benchmarks.measurement import Measurement

LIMIT_KILOBYTES = 40
ASSETS = re.compile(r'<(?:link rel="stylesheet" href|script[^>]* src)="/static/([^"]+)"')


def measure() -> list[Measurement]:
    place.manage("collectstatic", "--noinput", "--verbosity", "0")
    place.django()
    from django.conf import settings
    from django.test import Client

    html = Client(headers={"host": "localhost"}).get("/account/login/").content.decode()
    names = set(ASSETS.findall(html))
    assert any(name.endswith(".css") for name in names), html[:2000]
    total = sum(_compressed(Path(settings.STATIC_ROOT) / name) for name in names)
    return [Measurement(f"CSS and JavaScript of a page ({len(names)} files)", total / 1024, "KB gzip", LIMIT_KILOBYTES)]


def _compressed(file: Path) -> int:
    packed = file.with_name(f"{file.name}.gz")
    return (packed if packed.exists() else file).stat().st_size
