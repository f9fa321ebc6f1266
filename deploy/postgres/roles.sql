-- The two roles and the database, made once by a superuser:
--
--     psql -v ON_ERROR_STOP=1 -v owner_password="$(cat owner)" -v app_password="$(cat app)" -f roles.sql postgres
--
-- csp_owner owns the tables and migrates; csp_app serves, may read and write rows, and can neither change a table nor step
-- round its row-level security. The server refuses nothing to whoever owns the tables, so it must never sign in as the owner.
-- Running this again sets the two passwords anew and changes nothing else.

\set ON_ERROR_STOP on

SELECT 'CREATE ROLE csp_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_owner') \gexec
SELECT 'CREATE ROLE csp_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_app') \gexec
ALTER ROLE csp_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE csp_app   LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_password';

SELECT 'CREATE DATABASE csp OWNER csp_owner ENCODING ''UTF8'' LC_COLLATE ''C.UTF-8'' LC_CTYPE ''C.UTF-8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'csp') \gexec

REVOKE ALL ON DATABASE csp FROM PUBLIC;
GRANT CONNECT ON DATABASE csp TO csp_app;

\connect csp
-- From here on whatever the owner makes is the server's to read and write, and no more: migrations need not say it each time.
ALTER SCHEMA public OWNER TO csp_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO csp_app;
ALTER DEFAULT PRIVILEGES FOR ROLE csp_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO csp_app;
