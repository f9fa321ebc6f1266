#!/bin/sh
# Run once by the PostgreSQL image, in an empty data folder: the roles with the passwords of the secrets.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
    -v owner_password="$(cat /run/secrets/owner-password)" \
    -v app_password="$(cat /run/secrets/app-password)" \
    -f /deploy/roles.sql
