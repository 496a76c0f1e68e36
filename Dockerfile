# Two stages: the packages are built in one that is thrown away, and run as a user who owns nothing.
FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /app/.venv
COPY requirements.txt .
RUN /app/.venv/bin/pip install --require-hashes --requirement requirements.txt

FROM python:3.12-slim-bookworm
# What WeasyPrint loads. The portal's own fonts come as Python packages: fontpkg-inter and fontpkg-source-serif-4
# (SIL Open Font License 1.1); DejaVu is for the characters that they lack.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin portal \
 && mkdir --parents /data /app/static_collected \
 && chown portal:portal /data
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data STATIC_ROOT=/app/static_collected
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY . .
# Neither database nor broker is asked; the key is made for this one command and forgotten.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    DATABASE_URL=postgresql:///none REDIS_URL=redis://none DATA_DIR=/app/.made \
    python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf /app/.made \
 && python -m compileall -q caio_portal portfolio governance kpis vendors
USER portal
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "caio_portal.healthcheck", "web"]
# The checks refuse to serve with weak settings or with a login that could change the audit trail.
CMD ["sh", "-c", "python manage.py check --deploy --database default --fail-level WARNING && exec gunicorn caio_portal.wsgi --bind 0.0.0.0:8000 --worker-class gthread --workers ${WEB_WORKERS:-2} --threads ${WEB_THREADS:-4} --preload --access-logfile - --no-control-socket --worker-tmp-dir /dev/shm"]
