-- PostgreSQL's policies learned to ask once for a query what they asked for each row. SQLite has none.
SELECT 1;
