"""Is the process alive, and can it serve? The broker is not asked: work waits in the database without it."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError
from django.http import HttpRequest, JsonResponse

from caio_portal.accounts.access import PUBLIC, policy


@policy(PUBLIC)
def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@policy(PUBLIC)
def readyz(request: HttpRequest) -> JsonResponse:
    try:
        executor = MigrationExecutor(connection)
        pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except OperationalError:
        return JsonResponse({"ready": False, "why": "The database does not answer."}, status=503)
    if pending:
        return JsonResponse({"ready": False, "why": f"{pending} migrations are pending."}, status=503)
    return JsonResponse({"ready": True})
