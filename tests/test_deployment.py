import re

import pytest
import yaml

from caio_portal.local.postgres import INITDB
from caio_portal.local.services import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "PORTAL_OWNER_PASSWORD", "PORTAL_APP_PASSWORD", "REDIS_PASSWORD")
LASTING = sorted(COMPOSE["services"].keys() - {"migrate"})


def test_the_services_are_those_that_operating_describes():
    assert LASTING == ["beat", "broker", "database", "proxy", "web", "worker"]


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_service_has_a_health_check_and_comes_back(name):
    service = COMPOSE["services"][name]

    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_has_a_default(name):
    uses = re.findall(rf"\$\{{{name}([^}}]*)\}}", TEXT)

    assert any(use.startswith(":?") for use in uses)
    assert not any(use.startswith((":-", "-")) for use in uses)


def test_only_migrate_knows_the_owner_of_the_database():
    knows = {
        name for name, service in COMPOSE["services"].items() if "DATABASE_OWNER_URL" in service.get("environment", {})
    }

    assert knows == {"migrate"}


def test_web_and_worker_can_be_scaled():
    for name in ("web", "worker"):
        assert not COMPOSE["services"][name].keys() & {"ports", "container_name"}


def test_the_database_sorts_as_the_embedded_one():
    words = set(COMPOSE["services"]["database"]["environment"]["POSTGRES_INITDB_ARGS"].split())

    assert words - {"--encoding=UTF8"} <= set(INITDB)


def test_the_broker_keeps_its_messages():
    command = COMPOSE["services"]["broker"]["command"]

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_every_named_volume_is_declared_and_every_file_exists():
    mounts = [mount for service in COMPOSE["services"].values() for mount in service.get("volumes", [])]
    named = {mount.split(":")[0] for mount in mounts if not mount.startswith("./")}

    assert named == set(COMPOSE["volumes"])
    assert all((ROOT / mount.split(":")[0]).is_file() for mount in mounts if mount.startswith("./"))


def test_the_image_runs_as_nobody_special():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["portal"]
    assert "--require-hashes" in text
    assert "requirements-local" not in text
    assert "requirements-dev" not in text


def test_every_dependency_has_its_decision():
    names = set()
    for file in ("requirements.in", "requirements-local.in", "requirements-dev.in"):
        names |= set(re.findall(r"^([a-z][\w-]*)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))
    told = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "decisions").glob("*.md")).lower()

    assert {name for name in names - {"django", "psycopg", "celery"} if name not in told} == set()


def test_documents_link_to_files_that_exist():
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", document.read_text(encoding="utf-8")):
            if not target.endswith(".png"):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_proof_of_a_promise_exists():
    proofs = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/reliability.md").read_text())

    missing = [f"{file}::{name}" for file, name in proofs if f"def {name}" not in (ROOT / file).read_text()]
    assert len(proofs) > 30
    assert missing == []
