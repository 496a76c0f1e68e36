#!/bin/sh
# After roles.sql, in the container of PostgreSQL: the passwords of the two logins (the embedded database needs none).
set -eu
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
  --set owner="$PORTAL_OWNER_PASSWORD" --set app="$PORTAL_APP_PASSWORD" <<'SQL'
ALTER ROLE portal_owner PASSWORD :'owner';
ALTER ROLE portal_app PASSWORD :'app';
SQL
