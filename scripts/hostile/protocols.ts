import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { concat, fromBase64, type Json, utf8, utf8Text } from '../../packages/format/index.ts';
import { parseAuditLog, parsePolicy } from '../../packages/procedure/index.ts';
import { parseShare } from '../../packages/slip39/index.ts';
import { parsePublicKey, readSshSignature } from '../../packages/statement/index.ts';
import {
  parseSystemConfig,
  parseVaultStore,
  readEntryText,
  readSystemConfig,
} from '../../packages/systems/index.ts';
import { parseDn } from '../../packages/systems/ldap/dn.ts';
import {
  parseGreeting,
  parseQueryAnswer,
  parseRow,
  parseSignInAnswer,
} from '../../packages/systems/mysql/packets.ts';
import {
  parseAddCheckpoint,
  parseBundle,
  parseCheckpoint,
  parseNote,
  parseTile,
  parseTilePath,
  parseVerifierKey,
} from '../../packages/tlog/index.ts';
import { changedBytes, changedJson } from './changes.ts';
import { example } from './documents.ts';
import { checkpoint, logKey, text } from './files.ts';
import { type Reader, type Reading, reading } from './reading.ts';

const page = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
/** The first block of code of this kind on a page. */
const block = (name: string, kind: string) =>
  new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, 'ms').exec(page(name))?.[1] ?? '';

const { signature } = Object(example('signed-statement'));
const words =
  'duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke ajar critical decision keyboard';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ana';
const log = 'time,actor,action,outcome\n2026-03-02T15:12:00Z,ana,"reset, password",success\n';

/** Texts of other programs and services, and people's. */
const TEXTS: Readonly<Record<string, readonly [Reader<string>, string]>> = {
  'signed note': [parseNote, checkpoint],
  checkpoint: [parseCheckpoint, `${checkpoint.split('\n\n')[0]}\n`],
  'log key': [parseVerifierKey, logKey],
  'add-checkpoint request': [parseAddCheckpoint, `old 1\n${'A'.repeat(43)}=\n\n${checkpoint}`],
  'path of a tile': [parseTilePath, 'tile/entries/x001/234.p/12'],
  'SLIP-39 words': [(one) => parseShare(one), words],
  'SSH public key': [parsePublicKey, key],
  policy: [parsePolicy, block('formats/policy.md', 'yaml')],
  'audit log, CSV': [parseAuditLog, log],
  'audit log, JSON lines': [parseAuditLog, '{"time":"2026-03-02T15:12:00Z","action":"x"}\n'],
  'declared system, HTTP': [readSystemConfig, block('systems/http.md', 'yaml')],
  'declared system, a program': [readSystemConfig, block('systems/command.md', 'yaml')],
  'vault’s entry': [(one) => readEntryText(one, 'dc'), '{"v":"halligan/vault/v1","system":"dc"}'],
  'distinguished name': [parseDn, 'CN=Halligan\\, rotator+UID=1,OU=break glass,DC=example,DC=org'],
};

const greeting = concat(
  ...[Uint8Array.of(10), utf8('5.5.5-10.11.19-MariaDB\0'), new Uint8Array(4), utf8('12345678\0')],
  ...[Uint8Array.of(0xfe, 0xf7, 0x2d, 2, 0, 0xff, 0x81, 21), new Uint8Array(10)],
  ...[utf8('abcdefghijkl\0'), utf8('mysql_native_password\0')],
);

/** Bytes of other programs. */
const BYTES: Readonly<Record<string, readonly [Reader<Uint8Array>, Uint8Array]>> = {
  'SSH signature': [readSshSignature, fromBase64(String(signature))],
  tile: [(one) => parseTile(one, 2), new Uint8Array(64).fill(7)],
  'bundle of entries': [(one) => parseBundle(one, 2), Uint8Array.of(0, 3, 1, 2, 3, 0, 1, 9)],
  'MySQL greeting': [parseGreeting, greeting],
  'MySQL sign-in': [parseSignInAnswer, concat(Uint8Array.of(0xfe), utf8('client_ed25519\0x'))],
  'MySQL answer': [parseQueryAnswer, Uint8Array.of(0, 1, 2, 3, 4, 0, 0)],
  'MySQL row': [(one) => parseRow(one, 2), Uint8Array.of(3, 97, 98, 99, 0xfb)],
};

const SYSTEMS: Readonly<Record<string, string>> = {
  openldap: 'systems/openldap.md',
  'active-directory': 'systems/active-directory.md',
  mysql: 'systems/mysql.md',
  postgresql: 'systems/postgresql.md',
  openbao: 'systems/openbao.md',
};

/** What other programs say and people write, each with something changed; and bytes out of the blue. */
export const PROTOCOLS: readonly Reading[] = [
  ...Object.entries(TEXTS).map(([name, [read, good]]) =>
    reading(name, text(read), changedBytes(utf8(good))),
  ),
  ...Object.entries(BYTES).map(([name, [read, good]]) =>
    reading(name, read, fc.oneof(changedBytes(good), fc.uint8Array({ maxLength: 300 }))),
  ),
  ...Object.entries(SYSTEMS).map(([name, file]) => {
    const good: Json = JSON.parse(block(file, 'json'));
    return reading(`settings of ${name}`, parseSystemConfig, changedJson(good));
  }),
  ...['1password', 'bitwarden'].map((name) => {
    const good: Json = JSON.parse(block(`systems/${name}.md`, 'json store'));
    return reading(`settings of ${name}`, parseVaultStore, changedJson(good));
  }),
];

/** The good ones of them, which are read: what is changed is not only refused for how it was made. */
export function readGood(): void {
  for (const [name, [read, good]] of Object.entries(TEXTS))
    if (name !== 'vault’s entry') read(utf8Text(utf8(good)));
  for (const [, [read, good]] of Object.entries(BYTES)) read(good);
}
