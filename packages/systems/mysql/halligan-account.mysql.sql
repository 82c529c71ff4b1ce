-- What Halligan's rotator needs in MySQL (8.0.20 and later), and nothing more: one procedure that gives a password's hash to
-- the accounts in the table halligan.breakglass, one that looks at them. An administrator runs it once:
--   mysql < halligan-account.mysql.sql
-- Written from MySQL's manual; not tried against a MySQL server (that of MariaDB beside it is).
SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO';
SET NAMES utf8mb4;
CREATE DATABASE halligan CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE halligan.breakglass (user VARCHAR(32) NOT NULL, host VARCHAR(255) NOT NULL, PRIMARY KEY (user, host));

-- Whose rights the procedures have. Nobody can sign in as it. SYSTEM_USER reaches accounts that have it themselves.
CREATE USER halligan_rights@localhost IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;
GRANT CREATE USER, PROCESS, SYSTEM_USER, SHOW_ROUTINE ON *.* TO halligan_rights@localhost;
GRANT SELECT ON mysql.* TO halligan_rights@localhost;
GRANT SELECT, EXECUTE ON halligan.* TO halligan_rights@localhost;

DELIMITER //
CREATE DEFINER = halligan_rights@localhost PROCEDURE halligan.set_hash(
  IN in_user VARCHAR(32), IN in_host VARCHAR(255), IN in_plugin VARCHAR(64), IN in_hash VARCHAR(200))
  SQL SECURITY DEFINER MODIFIES SQL DATA
BEGIN
  IF NOT EXISTS (SELECT 1 FROM mysql.user u WHERE BINARY u.User = BINARY in_user AND u.Host = in_host) THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31001, MESSAGE_TEXT = 'no such account';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM halligan.breakglass b WHERE b.user = in_user AND b.host = in_host) THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31002, MESSAGE_TEXT = 'this account is not in halligan.breakglass';
  END IF;
  -- A password as it is would end up in the logs: only a hash is taken.
  IF NOT (in_plugin = 'caching_sha2_password' AND in_hash REGEXP '^[$]A[$]005[$][A-Za-z0-9./]{63}$'
      OR in_plugin = 'mysql_native_password' AND in_hash REGEXP '^[*][0-9A-F]{40}$') THEN
    SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 31003, MESSAGE_TEXT = 'this is not a hash';
  END IF;
  SET @halligan = CONCAT('ALTER USER ', QUOTE(in_user), '@', QUOTE(in_host),
    ' IDENTIFIED WITH ', in_plugin, ' AS ', QUOTE(in_hash));
  PREPARE statement FROM @halligan;
  EXECUTE statement;
  -- A password of before that somebody had retained would still sign in.
  SET @halligan = CONCAT('ALTER USER ', QUOTE(in_user), '@', QUOTE(in_host), ' DISCARD OLD PASSWORD');
  PREPARE statement FROM @halligan;
  EXECUTE statement;
  DEALLOCATE PREPARE statement;
  SET @halligan = NULL;
END //

-- One line for each thing that is known, the kind of thing first. Hashes are left out.
CREATE DEFINER = halligan_rights@localhost PROCEDURE halligan.look(IN in_user VARCHAR(32), IN in_host VARCHAR(255))
  SQL SECURITY DEFINER READS SQL DATA
BEGIN
  DECLARE grantee VARCHAR(400) DEFAULT CONCAT('\'', in_user, '\'@\'', in_host, '\'');
  DECLARE account VARCHAR(400) DEFAULT CONCAT(in_user, '@', in_host);
  SELECT 'server' AS kind, VERSION() AS value
  UNION ALL SELECT k.kind, CASE k.kind
      WHEN 'account' THEN 'yes'
      WHEN 'plugin' THEN u.plugin
      WHEN 'locked' THEN u.account_locked
      WHEN 'expired' THEN u.password_expired
      WHEN 'changed' THEN UNIX_TIMESTAMP(u.password_last_changed)
      WHEN 'lifetime' THEN u.password_lifetime
      WHEN 'tls' THEN u.ssl_type
      WHEN 'failures' THEN JSON_EXTRACT(u.User_attributes, '$.Password_locking.failed_login_attempts')
      WHEN 'retained' THEN IF(JSON_CONTAINS_PATH(u.User_attributes, 'one', '$.additional_password'), 'yes', NULL)
    END
    FROM mysql.user u JOIN (
      SELECT 'account' AS kind UNION ALL SELECT 'plugin' UNION ALL SELECT 'locked' UNION ALL SELECT 'expired'
      UNION ALL SELECT 'changed' UNION ALL SELECT 'lifetime' UNION ALL SELECT 'tls' UNION ALL SELECT 'failures'
      UNION ALL SELECT 'retained') k
    WHERE BINARY u.User = BINARY in_user AND u.Host = in_host
  UNION ALL SELECT 'member', 'yes' FROM halligan.breakglass b WHERE b.user = in_user AND b.host = in_host
  UNION ALL SELECT 'default-lifetime', @@global.default_password_lifetime
  UNION ALL SELECT 'tls-required', @@global.require_secure_transport
  UNION ALL SELECT 'role', CONCAT(r.FROM_USER, '@', r.FROM_HOST) FROM mysql.role_edges r
    WHERE BINARY r.TO_USER = BINARY in_user AND r.TO_HOST = in_host
  UNION ALL SELECT 'right', CONCAT('*.* ', p.PRIVILEGE_TYPE, IF(p.IS_GRANTABLE = 'YES', ' WITH GRANT OPTION', ''))
    FROM information_schema.USER_PRIVILEGES p WHERE p.GRANTEE = grantee AND p.PRIVILEGE_TYPE <> 'USAGE'
  UNION ALL SELECT 'right', CONCAT(d.TABLE_SCHEMA, '.* ', d.PRIVILEGE_TYPE)
    FROM information_schema.SCHEMA_PRIVILEGES d WHERE d.GRANTEE = grantee
  UNION ALL SELECT 'right', CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME, ' ', t.PRIVILEGE_TYPE)
    FROM information_schema.TABLE_PRIVILEGES t WHERE t.GRANTEE = grantee
  UNION ALL SELECT 'leaves', CONCAT('routine ', r.ROUTINE_SCHEMA, '.', r.ROUTINE_NAME)
    FROM information_schema.ROUTINES r WHERE r.DEFINER = account AND r.SECURITY_TYPE = 'DEFINER'
  UNION ALL SELECT 'session', CONCAT('id ', l.ID, ' from ', l.HOST)
    FROM information_schema.PROCESSLIST l WHERE BINARY l.USER = BINARY in_user;
END //
DELIMITER ;

-- The rotator: by name from where Halligan runs; its password is the driver's secret.
CREATE USER halligan@'%' IDENTIFIED BY RANDOM PASSWORD REQUIRE SSL;
GRANT EXECUTE ON PROCEDURE halligan.set_hash TO halligan@'%';
GRANT EXECUTE ON PROCEDURE halligan.look TO halligan@'%';
