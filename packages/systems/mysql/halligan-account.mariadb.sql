-- What Halligan's rotator needs in MariaDB (10.4 and later), and nothing more: one procedure that gives a password's hash to
-- the accounts in the table halligan.breakglass, one that looks at them. An administrator runs it once:
--   mariadb < halligan-account.mariadb.sql
SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO';
SET NAMES utf8mb4;
CREATE DATABASE halligan CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE halligan.breakglass (user VARCHAR(80) NOT NULL, host VARCHAR(255) NOT NULL, PRIMARY KEY (user, host));

-- Whose rights the procedures have. Nobody can sign in as it.
CREATE USER halligan_rights@localhost IDENTIFIED VIA mysql_native_password USING 'invalid' ACCOUNT LOCK;
GRANT CREATE USER, PROCESS ON *.* TO halligan_rights@localhost;
GRANT SELECT ON mysql.* TO halligan_rights@localhost;
GRANT SELECT, EXECUTE ON halligan.* TO halligan_rights@localhost;

DELIMITER //
CREATE DEFINER = halligan_rights@localhost PROCEDURE halligan.set_hash(
  IN in_user VARCHAR(80), IN in_host VARCHAR(255), IN in_plugin VARCHAR(64), IN in_hash VARCHAR(200))
  SQL SECURITY DEFINER MODIFIES SQL DATA
BEGIN
  IF NOT EXISTS (SELECT 1 FROM mysql.global_priv p
      WHERE BINARY p.User = BINARY in_user AND p.Host = in_host AND COALESCE(JSON_VALUE(p.Priv, '$.is_role'), 'false') <> 'true') THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31001, MESSAGE_TEXT = 'no such account';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM halligan.breakglass b WHERE b.user = in_user AND b.host = in_host) THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31002, MESSAGE_TEXT = 'this account is not in halligan.breakglass';
  END IF;
  -- A password as it is would end up in the logs: only a hash is taken.
  IF NOT (in_plugin = 'ed25519' AND in_hash REGEXP '^[A-Za-z0-9+/]{43}$'
      OR in_plugin = 'mysql_native_password' AND in_hash REGEXP '^[*][0-9A-F]{40}$') THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31003, MESSAGE_TEXT = 'this is not a hash';
  END IF;
  EXECUTE IMMEDIATE CONCAT('ALTER USER ', QUOTE(in_user), '@', QUOTE(in_host),
    ' IDENTIFIED VIA ', in_plugin, ' USING ', QUOTE(in_hash));
END //

-- One line for each thing that is known, the kind of thing first. Hashes are left out.
CREATE DEFINER = halligan_rights@localhost PROCEDURE halligan.look(IN in_user VARCHAR(80), IN in_host VARCHAR(255))
  SQL SECURITY DEFINER READS SQL DATA
BEGIN
  DECLARE grantee VARCHAR(400) DEFAULT CONCAT('\'', in_user, '\'@\'', in_host, '\'');
  DECLARE account VARCHAR(400) DEFAULT CONCAT(in_user, '@', in_host);
  SELECT 'server' AS kind, VERSION() AS value
  UNION ALL SELECT 'account', 'yes' FROM mysql.global_priv p
    WHERE BINARY p.User = BINARY in_user AND p.Host = in_host AND COALESCE(JSON_VALUE(p.Priv, '$.is_role'), '0') <> '1'
  UNION ALL SELECT 'member', 'yes' FROM halligan.breakglass b WHERE b.user = in_user AND b.host = in_host
  UNION ALL SELECT k.kind, JSON_EXTRACT(p.Priv, k.path)
    FROM mysql.global_priv p JOIN (
      SELECT 'plugin' AS kind, '$.plugin' AS path
      UNION ALL SELECT 'plugins', '$.auth_or[*].plugin'
      UNION ALL SELECT 'locked', '$.account_locked'
      UNION ALL SELECT 'changed', '$.password_last_changed'
      UNION ALL SELECT 'lifetime', '$.password_lifetime'
      UNION ALL SELECT 'tls', '$.ssl_type') k
    WHERE BINARY p.User = BINARY in_user AND p.Host = in_host AND JSON_EXTRACT(p.Priv, k.path) IS NOT NULL
  UNION ALL SELECT 'default-lifetime', @@global.default_password_lifetime
  UNION ALL SELECT 'tls-required', @@global.require_secure_transport
  UNION ALL SELECT 'failures', IF(@@global.max_password_errors < 4294967295, @@global.max_password_errors, 0)
  UNION ALL SELECT 'role', r.Role FROM mysql.roles_mapping r WHERE BINARY r.User = BINARY in_user AND r.Host = in_host
  UNION ALL SELECT 'right', CONCAT('*.* ', u.PRIVILEGE_TYPE, IF(u.IS_GRANTABLE = 'YES', ' WITH GRANT OPTION', ''))
    FROM information_schema.USER_PRIVILEGES u WHERE u.GRANTEE = grantee AND u.PRIVILEGE_TYPE <> 'USAGE'
  UNION ALL SELECT 'right', CONCAT(d.TABLE_SCHEMA, '.* ', d.PRIVILEGE_TYPE)
    FROM information_schema.SCHEMA_PRIVILEGES d WHERE d.GRANTEE = grantee
  UNION ALL SELECT 'right', CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME, ' ', t.PRIVILEGE_TYPE)
    FROM information_schema.TABLE_PRIVILEGES t WHERE t.GRANTEE = grantee
  UNION ALL SELECT 'leaves', CONCAT('routine ', r.db, '.', r.name)
    FROM mysql.proc r WHERE r.definer = account AND r.security_type = 'DEFINER'
  UNION ALL SELECT 'leaves', CONCAT('event ', e.db, '.', e.name)
    FROM mysql.event e WHERE e.definer = account
  UNION ALL SELECT 'session', CONCAT('id ', l.ID, ' from ', l.HOST)
    FROM information_schema.PROCESSLIST l WHERE BINARY l.USER = BINARY in_user;
END //
DELIMITER ;

-- The rotator: by name from where Halligan runs; its password is the driver's secret.
CREATE USER halligan@'%' IDENTIFIED VIA mysql_native_password USING 'invalid' REQUIRE SSL;
GRANT EXECUTE ON PROCEDURE halligan.set_hash TO halligan@'%';
GRANT EXECUTE ON PROCEDURE halligan.look TO halligan@'%';
