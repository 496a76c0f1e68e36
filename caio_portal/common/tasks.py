"""The two things that Celery runs."""

from celery import shared_task


@shared_task
def run_job(job_id: int) -> None:
    from caio_portal.common.jobs import run_here

    run_here(job_id)


@shared_task(ignore_result=True, expires=10)
def sweep() -> None:
    from caio_portal.common.jobs import sweep

    sweep()
