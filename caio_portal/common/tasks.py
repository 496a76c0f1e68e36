"""The two things that Celery runs."""

from caio_portal.celery import app  # not @shared_task, which publishes to Celery's default broker


@app.task
def run_job(job_id: int) -> None:
    from caio_portal.common.jobs import run_here

    run_here(job_id)


@app.task(ignore_result=True, expires=10)
def sweep() -> None:
    from caio_portal.common.jobs import sweep

    sweep()
