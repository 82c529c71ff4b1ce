import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a practice directory is made of: slapd.conf(5) and LDIF (RFC 2849). No password is in either, only hashes. */
export const base = 'dc=practice,dc=test';
export const emergencyBase = `ou=emergency,${base}`;
export const groupBase = `ou=groups,${base}`;
export const rotatorDn = `cn=rotator,ou=services,${base}`;

export interface Programs {
  readonly schemas: string;
  /** Where overlays and backends are, when they are loaded and not built in. */
  readonly modules: string | undefined;
}

export interface ConfigParts extends Programs {
  readonly folder: string;
  /** Whether people may read the id of their own entry. */
  readonly showsOwn: boolean;
}

/** The overlay is there when its module is. */
export const hasPasswordPolicy = ({ modules }: Programs) =>
  modules !== undefined && existsSync(join(modules, 'ppolicy.so'));

/**
 * slapd.conf with the least privilege that docs/systems/openldap.md recommends: the rotator writes passwords below
 * ou=emergency, reads none anywhere, and writes nothing else.
 */
export function slapdConf(parts: ConfigParts): string {
  const policy = hasPasswordPolicy(parts);
  const argon2 = parts.modules !== undefined && existsSync(join(parts.modules, 'argon2.so'));
  const modules = [
    ...(parts.modules !== undefined && existsSync(join(parts.modules, 'back_mdb.so'))
      ? ['back_mdb']
      : []),
    ...(policy ? ['ppolicy'] : []),
    ...(argon2 ? ['argon2'] : []),
  ];
  const lines = [
    ...['core', 'cosine', 'inetorgperson'].map(
      (name) => `include ${join(parts.schemas, `${name}.schema`)}`,
    ),
    `pidfile ${join(parts.folder, 'slapd.pid')}`,
    ...(parts.modules === undefined ? [] : [`modulepath ${parts.modules}`]),
    ...modules.map((name) => `moduleload ${name}.so`),
    'loglevel 0',
    `TLSCACertificateFile ${join(parts.folder, 'tls.crt')}`,
    `TLSCertificateFile ${join(parts.folder, 'tls.crt')}`,
    `TLSCertificateKeyFile ${join(parts.folder, 'tls.key')}`,
    'TLSVerifyClient never',
    ...(argon2 ? ['password-hash {ARGON2}'] : ['password-hash {SSHA}']),
    'database mdb',
    'maxsize 16777216',
    `suffix "${base}"`,
    // Nobody can sign in as it (no rootpw, no entry); the overlay needs it to note failures and locks.
    `rootdn "cn=overlays,${base}"`,
    `directory ${join(parts.folder, 'data')}`,
    'index objectClass,uid eq',
    ...(policy
      ? [
          'overlay ppolicy',
          `ppolicy_default "cn=default,ou=policies,${base}"`,
          'ppolicy_use_lockout',
        ]
      : []),
    ...(parts.showsOwn
      ? [
          `access to dn.subtree="${emergencyBase}" attrs=entry,objectClass,entryUUID by self read by * break`,
        ]
      : []),
    access(`dn.subtree="${emergencyBase}" attrs=userPassword`, '=w'),
    access(
      `dn.subtree="${emergencyBase}" attrs=entry,objectClass,uid,pwdChangedTime,pwdAccountLockedTime,pwdReset`,
      'read',
    ),
    access(`dn.subtree="${groupBase}" attrs=entry,objectClass,cn,member`, 'read'),
    `access to dn.base="${base}" attrs=entry by dn.exact="${rotatorDn}" search by * none`,
    'access to attrs=userPassword by anonymous auth by * none',
    'access to * by * none',
  ];
  return `${lines.join('\n')}\n`;
}

/** An access rule for the rotator; whoever is not signed in may use a password to sign in, and nobody may do more. */
function access(what: string, right: '=w' | 'read'): string {
  const others = right === '=w' ? 'by anonymous auth by * none' : 'by * none';
  return `access to ${what} by dn.exact="${rotatorDn}" ${right} ${others}`;
}

export interface Seeded {
  readonly name: string;
  /** `{SCHEME}…` of RFC 2307. */
  readonly passwordHash: string;
}

/** The first entries: two emergency accounts in an administrators' group, the rotator, and a person it must not touch. */
export function seedLdif(
  accounts: readonly Seeded[],
  rotatorHash: string,
  personHash: string,
  policy: boolean,
): string {
  const entries: string[][] = [
    [`dn: ${base}`, 'objectClass: dcObject', 'objectClass: organization', 'o: Practice'],
    ...['emergency', 'people', 'services', 'groups', 'policies'].map((name) => [
      `dn: ou=${name},${base}`,
      'objectClass: organizationalUnit',
    ]),
    ...accounts.map(({ name, passwordHash }) => person(name, emergencyBase, passwordHash)),
    person('alice', `ou=people,${base}`, personHash),
    [
      `dn: ${rotatorDn}`,
      'objectClass: organizationalRole',
      'objectClass: simpleSecurityObject',
      `userPassword: ${rotatorHash}`,
      // A lockout would let anyone who knows its name stop rotations by guessing wrongly.
      ...(policy ? [`pwdPolicySubentry: cn=machines,ou=policies,${base}`] : []),
    ],
    [
      `dn: cn=administrators,${groupBase}`,
      'objectClass: groupOfNames',
      ...accounts.map(({ name }) => `member: uid=${name},${emergencyBase}`),
    ],
    ...(policy ? policies() : []),
  ];
  return entries.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function person(name: string, under: string, passwordHash: string): string[] {
  return [
    `dn: uid=${name},${under}`,
    'objectClass: inetOrgPerson',
    `cn: ${name}`,
    `sn: ${name}`,
    `userPassword: ${passwordHash}`,
  ];
}

function policies(): string[][] {
  const policy = (name: string, ...lines: string[]) => [
    `dn: cn=${name},ou=policies,${base}`,
    'objectClass: device',
    'objectClass: pwdPolicy',
    'pwdAttribute: userPassword',
    ...lines,
  ];
  return [
    policy(
      'default',
      'pwdMinLength: 20',
      'pwdCheckQuality: 2',
      'pwdInHistory: 3',
      'pwdLockout: TRUE',
      'pwdMaxFailure: 4',
      'pwdLockoutDuration: 0',
    ),
    policy('machines', 'pwdLockout: FALSE'),
  ];
}
