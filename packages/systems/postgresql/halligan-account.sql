-- What Halligan's rotator needs in PostgreSQL, and nothing more: one function that gives a password's verifier to members
-- of the group breakglass. A superuser runs it once, in the database that the inventory names:
--   psql -v ON_ERROR_STOP=1 -d postgres -f halligan-account.sql
BEGIN;
CREATE ROLE breakglass NOLOGIN;
CREATE ROLE halligan LOGIN;
CREATE SCHEMA halligan;
CREATE FUNCTION halligan.set_verifier(account text, verifier text, forever boolean) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = account) THEN
    RAISE undefined_object USING MESSAGE = 'no such role';
  END IF;
  IF NOT EXISTS (
    SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
    WHERE g.rolname = 'breakglass' AND u.rolname = account
  ) THEN
    RAISE insufficient_privilege USING MESSAGE = 'this role is not in the group breakglass';
  END IF;
  -- A password as it is would end up in the server's log: only a verifier is taken.
  IF verifier !~ '^SCRAM-SHA-256\$[0-9]{4,6}:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' THEN
    RAISE invalid_parameter_value USING MESSAGE = 'this is not a verifier';
  END IF;
  EXECUTE format('ALTER ROLE %I PASSWORD %L', account, verifier);
  IF forever THEN
    EXECUTE format('ALTER ROLE %I VALID UNTIL %L', account, 'infinity');
  END IF;
END
$$;
REVOKE ALL ON FUNCTION halligan.set_verifier(text, text, boolean) FROM PUBLIC;
GRANT USAGE ON SCHEMA halligan TO halligan;
GRANT EXECUTE ON FUNCTION halligan.set_verifier(text, text, boolean) TO halligan;
-- From where sessions of an emergency account come, and since when: shown to members of this role alone.
GRANT pg_read_all_stats TO halligan;
COMMIT;
