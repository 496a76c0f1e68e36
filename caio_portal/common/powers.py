"""The question that portal.E001 asks the server: which powers does this login have too many?"""

# Each part answers in sentences. Membership counts as having: whoever may SET ROLE needs only to type it.
POWERS = """
WITH attribute AS (
  SELECT format('the role %%s has the attribute %%s', rolname, name) AS power
  FROM pg_roles, LATERAL (VALUES
    ('SUPERUSER', rolsuper), ('BYPASSRLS', rolbypassrls), ('CREATEROLE', rolcreaterole),
    ('CREATEDB', rolcreatedb), ('REPLICATION', rolreplication)) AS held(name, yes)
  WHERE rolname IN (session_user, current_user) AND yes
), membership AS (
  SELECT format('the role %%s belongs to %%s', session_user, rolname)
  FROM pg_roles
  WHERE rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program', 'pg_maintain')
    AND pg_has_role(session_user, oid, 'MEMBER')
), ownership AS (
  SELECT format('the role %%s owns or may become the owner of %%s', session_user, min(relname))
  FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND pg_has_role(session_user, relowner, 'MEMBER') HAVING count(*) > 0
), disguise AS (
  SELECT format('the session began as %%s and became %%s', session_user, current_user)
  WHERE session_user <> current_user
), schema_right AS (
  SELECT format('the role %%s may create objects in the schema public', session_user)
  WHERE has_schema_privilege(session_user, 'public', 'CREATE')
), parameter AS (
  SELECT format('the role %%s may set session_replication_role', session_user)
  WHERE has_parameter_privilege(session_user, 'session_replication_role', 'SET')
), append_only AS (
  SELECT oid, relname FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND (relname = ANY(%(audit_tables)s)
    OR EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'no_change'))
), table_right AS (
  SELECT format('the role %%s holds %%s on %%s', session_user, name, relname)
  FROM append_only, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS name
  WHERE has_table_privilege(session_user, oid, name)
), column_right AS (
  SELECT format('the role %%s may update a column of %%s', session_user, relname)
  FROM append_only
  WHERE has_any_column_privilege(session_user, oid, 'UPDATE') AND NOT has_table_privilege(session_user, oid, 'UPDATE')
), forgery AS (
  -- What the database itself writes into the trail: identity columns, columns with a default, and every link.
  SELECT format('the role %%s may write %%s.%%s', session_user, relname, min(attname))
  FROM append_only JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped
  WHERE relname = ANY(%(audit_tables)s) AND (attidentity <> '' OR atthasdef OR relname = 'audit_link')
    AND has_column_privilege(session_user, oid, attnum, 'INSERT')
  GROUP BY relname
), unprotected AS (
  SELECT format('the table %%s has lost its trigger %%s', relname, name)
  FROM append_only, unnest(ARRAY['no_change', 'no_truncate']) AS name
  WHERE NOT EXISTS (
    SELECT 1 FROM pg_trigger WHERE tgrelid = append_only.oid AND tgname = name AND tgenabled IN ('O', 'A'))
)
SELECT power FROM attribute
UNION ALL TABLE membership UNION ALL TABLE ownership UNION ALL TABLE disguise UNION ALL TABLE schema_right
UNION ALL TABLE parameter UNION ALL TABLE table_right UNION ALL TABLE column_right UNION ALL TABLE forgery
UNION ALL TABLE unprotected
"""
