import { base64, concat, utf8Text } from '@halligan/format';

/** What a practice domain is made of: smb.conf(5), LDIF (RFC 2849) and access entries in SDDL (MS-DTYP 2.5.1). */
export const realm = 'PRACTICE.TEST';
export const netbiosName = 'PRACTICE';
export const base = 'DC=practice,DC=test';
export const emergencyBase = `OU=Emergency,${base}`;
export const rotatorName = 'rotator@practice.test';
/** The group of the emergency accounts. */
export const operatorsDn = `CN=Emergency Operators,OU=Services,${base}`;
export const rotatorDn = `CN=rotator,OU=Services,${base}`;

export interface Listening {
  readonly folder: string;
  /** Of loopback: 127.0.0.0/8 has room for many, and a domain controller's ports cannot be chosen. */
  readonly address: string;
  /** Minutes for which the password before the last one goes on signing in. */
  readonly oldPasswordAllowed: number;
}

/** LDAP over TLS and nothing else of a domain controller, on one address of loopback, with every file in the folder. */
export function smbConf({ folder, address, oldPasswordAllowed }: Listening): string {
  const run = `${folder}/run`;
  const settings = {
    'netbios name': 'DC1',
    realm,
    workgroup: netbiosName,
    'server role': 'active directory domain controller',
    'server services': 'ldap',
    'dcerpc endpoint servers': '',
    interfaces: `${address}/8`,
    'bind interfaces only': 'yes',
    'disable netbios': 'yes',
    'private dir': `${folder}/private`,
    'lock directory': folder,
    'state directory': `${folder}/state`,
    'cache directory': `${folder}/cache`,
    'binddns dir': `${folder}/bind-dns`,
    'pid directory': run,
    'ncalrpc dir': `${run}/ncalrpc`,
    'winbindd socket directory': `${run}/winbindd`,
    'ntp signd socket directory': `${run}/ntp`,
    'log file': `${folder}/log`,
    'log level': '0',
    'ldap server require strong auth': 'yes',
    'ntlm auth': 'disabled',
    'tls enabled': 'yes',
    'tls keyfile': `${folder}/tls.key`,
    'tls certfile': `${folder}/tls.crt`,
    'tls cafile': `${folder}/tls.crt`,
    'old password allowed period': String(oldPasswordAllowed),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `[global]\n${lines.join('\n')}\n`;
}

/** Entries of the domain beside what provisioning makes. */
export interface Seeded {
  readonly name: string;
  readonly ou: 'Emergency' | 'People' | 'Services';
  readonly password: Uint8Array;
}

/** NORMAL_ACCOUNT, DONT_EXPIRE_PASSWORD, NOT_DELEGATED. */
const CONTROL = 0x200 + 0x10000 + 0x100000;

/** LDIF goes to ldbadd's standard input; it holds passwords. The caller overwrites it. */
export function seedLdif(users: readonly Seeded[]): Uint8Array {
  const units = ['Emergency', 'People', 'Services'].map((name) =>
    record(`OU=${name},${base}`, 'objectClass: organizationalUnit'),
  );
  const accounts = users.map(({ name, ou, password }) => {
    const quoted = Buffer.from(`"${utf8Text(password)}"`, 'utf16le');
    return record(
      `CN=${name},OU=${ou},${base}`,
      'objectClass: user',
      `sAMAccountName: ${name}`,
      `userPrincipalName: ${name}@practice.test`,
      `userAccountControl: ${CONTROL}`,
      `unicodePwd:: ${base64(quoted)}`,
    );
  });
  const members = users.filter(({ ou }) => ou === 'Emergency');
  const group = record(
    operatorsDn,
    'objectClass: group',
    'sAMAccountName: Emergency Operators',
    ...members.map(({ name, ou }) => `member: CN=${name},OU=${ou},${base}`),
  );
  return concat(...[...units, ...accounts, group].map((text) => Buffer.from(text)));
}

function record(dn: string, ...lines: string[]): string {
  return `${[`dn: ${dn}`, ...lines].join('\n')}\n\n`;
}

/** What docs/systems/active-directory.md delegates on the OU: reset, unlock, read; of users below it only. */
export function delegatedRights(rotatorSid: string): readonly string[] {
  const user = 'bf967aba-0de6-11d0-a285-00aa003049e2';
  return [
    `(OA;CIIO;CR;00299570-246d-11d0-a768-00aa006e0529;${user};${rotatorSid})`,
    `(OA;CIIO;WP;28630ebf-41d5-11d1-a9c1-0000f80367c1;${user};${rotatorSid})`,
    `(OA;CIIO;RPRC;;${user};${rotatorSid})`,
  ];
}
