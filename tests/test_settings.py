import re

import pytest

from caio_portal.local.services import ROOT

STRONG = "k7Q_vH2s" * 8
PYTHON_FILES = [
    path for app in ("caio_portal", "portfolio", "governance", "kpis", "vendors") for path in (ROOT / app).rglob("*.py")
]
READS = re.compile(r"""(?:env\.\w+|environ\.get|environ\.setdefault|os\.environ)[(\[]\s*"([A-Z][A-Z_]+)\"""")
NOT_FOR_PEOPLE = {"DJANGO_SETTINGS_MODULE", "PATH", "DEBIAN_FRONTEND"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": "x" * 80}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": "django-insecure-" + STRONG}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": STRONG[:49]}, "SECRET_KEY is too weak"),
    ],
)
def test_settings_refuse_a_weak_key(spawn, changes, complaint):
    process = spawn("-c", "import caio_portal.settings", **changes)

    assert process.process.wait(20) == 1
    assert complaint in process.output()


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_settings_refuse_a_missing_value(spawn, name):
    code = f"import os; os.environ.pop({name!r}, None); import caio_portal.settings"

    process = spawn("-c", code)

    assert process.process.wait(20) == 1
    assert f"The environment variable {name} is not set." in process.output()


def test_settings_accept_a_strong_key_from_a_file(spawn, tmp_path):
    (tmp_path / "key").write_text(f"{STRONG}\n")
    code = "import caio_portal.settings as s; print(s.SECRET_KEY)"

    process = spawn("-c", code, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "key"))

    assert process.process.wait(20) == 0
    assert process.output() == f"{STRONG}\n"


def test_settings_for_production_pass_djangos_deployment_check(spawn):
    process = spawn(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        SECRET_KEY=STRONG,
        INSECURE_HTTP="",
        ALLOWED_HOSTS="portal.example",
        DJANGO_ALLOW_ASYNC_UNSAFE="",
        DJANGO_SETTINGS_MODULE="caio_portal.settings",
    )

    assert process.process.wait(30) == 0, process.output()


def test_every_name_of_the_environment_is_explained():
    read = {name for path in PYTHON_FILES for name in READS.findall(path.read_text(encoding="utf-8"))}
    compose = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    explained = set(
        re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert (read | compose) - NOT_FOR_PEOPLE - explained == set()
