import {
  ldapProvider,
  NO_CONVERSATION,
  openidProvider,
  type Provider,
} from '../../packages/device/index.ts';
import { sender } from '../../packages/device/record/sender.ts';
import { HalliganError, utf8 } from '../../packages/format/index.ts';
import { SAMPLE } from '../../packages/server/alerts/receivers.fixture.ts';
import { sendMail } from '../../packages/server/alerts/sinks/smtp.ts';
import { sendSyslog } from '../../packages/server/alerts/sinks/syslog.ts';
import { postWebhook } from '../../packages/server/alerts/sinks/webhook.ts';
import { askCosigner } from '../../packages/server/cosigning/ask.ts';
import { parseSystemConfig, type SystemConfig } from '../../packages/systems/config.ts';
import { openDriver } from '../../packages/systems/open.ts';
import { parseVaultStore } from '../../packages/systems/vault/settings.ts';
import { fetchEntry } from '../../packages/systems/vault/store.ts';

/** How long one whole exchange may take here, milliseconds; each client has a time of its own outside of tests. */
export const PATIENCE = 400;

/** What none of them may show: passwords, tokens, keys. */
export const SECRET = 'the-Secret-0f-the-Client-29';
const WEBHOOK_KEY = `whsk_${Buffer.from(SECRET.padEnd(32, '.')).toString('base64')}`;

/** Where a peer is. */
export interface At {
  readonly host: string;
  readonly port: number;
  /** PEM, and the file that it lies in: whom the client trusts. */
  readonly ca: string;
  readonly caFile: string;
}

/** Something of ours that speaks to somebody else. */
export interface OutboundClient {
  readonly name: string;
  readonly speaks: 'http' | 'smtp' | 'its own';
  /** From the first byte, after the peer agreed to it, or not. */
  readonly tls: 'at once' | 'asked for' | 'none';
  /** What it may say of a peer that does not do its part. */
  readonly codes: RegExp;
  /** Whether it takes a hang-up for a yes: syslog has no other. */
  readonly hangUpIsYes?: true;
  readonly open: (at: At) => Promise<unknown>;
}

const patience = () => AbortSignal.timeout(PATIENCE);
const UNDELIVERED = /^alert\.undelivered$/;

const webhook = (scheme: 'http' | 'https'): OutboundClient => ({
  name: `a webhook by ${scheme}`,
  speaks: 'http',
  tls: scheme === 'https' ? 'at once' : 'none',
  codes: UNDELIVERED,
  open: ({ host, port, caFile }) => {
    const url = `${scheme}://${host}:${port}/`;
    return postWebhook(
      { kind: 'webhook', name: 'hook', url, ca: caFile, asks: [] },
      ...([WEBHOOK_KEY, SAMPLE, undefined, patience()] as const),
    );
  },
});

const mail = (tls: 'none' | 'implicit' | 'starttls'): OutboundClient => ({
  name: `mail, TLS ${tls}`,
  speaks: 'smtp',
  tls: tls === 'implicit' ? 'at once' : tls === 'starttls' ? 'asked for' : 'none',
  codes: UNDELIVERED,
  open: ({ host, port, caFile }) => {
    const from = 'halligan@contoso.example';
    return sendMail(
      { kind: 'smtp', name: 'mail', host, port, tls, ca: caFile, from, to: [from] },
      ...([SAMPLE, undefined, patience()] as const),
    );
  },
});

const syslog = (tls: boolean): OutboundClient => ({
  name: `syslog${tls ? ' over TLS' : ''}`,
  speaks: 'its own',
  tls: tls ? 'at once' : 'none',
  codes: UNDELIVERED,
  hangUpIsYes: true,
  open: ({ host, port, caFile }) =>
    sendSyslog({ kind: 'syslog', name: 'siem', host, port, tls, ca: caFile }, SAMPLE, patience()),
});

const cosigner: OutboundClient = {
  name: 'a cosigner',
  speaks: 'http',
  tls: 'none',
  codes: /^cosigner\.(answer|unreachable)$/,
  open: ({ host, port }) =>
    askCosigner(
      `http://${host}:${port}`,
      { oldSize: 0, proof: [], note: 'o\n1\nAAAA\n\n' },
      patience(),
    ),
};

/** A driver proves, which sends a password where anything else would be sent. */
const driver = (
  name: string,
  { speaks, tls }: Pick<OutboundClient, 'speaks' | 'tls'>,
  settings: (at: At) => object,
): OutboundClient => ({
  name,
  speaks,
  tls,
  codes:
    /^systems\.(unreachable|tls|timeout|connection-lost|protocol|plaintext|refused-early|unwilling|referral|vault-sealed|host-key|unexplained|busy)$/,
  open: async (at) => {
    const config: SystemConfig = parseSystemConfig(settings(at));
    const opened = openDriver(config, utf8(SECRET));
    try {
      await opened.prove('admin-1', utf8(SECRET));
    } finally {
      await opened.close();
    }
  },
});

const openldap = (scheme: 'ldap' | 'ldaps', startTls: boolean) =>
  driver(
    `a directory by ${scheme}${startTls ? ' and StartTLS' : ''}`,
    { speaks: 'its own', tls: startTls ? 'asked for' : scheme === 'ldaps' ? 'at once' : 'none' },
    ({ host, port, ca }) => ({
      driver: 'openldap',
      url: `${scheme}://${host}:${port}`,
      startTls,
      ca,
      accounts: { by: 'name', attribute: 'uid', base: 'dc=contoso' },
      rotator: 'cn=rotator,dc=contoso',
      timeout: PATIENCE,
    }),
  );

const declared = (scheme: 'http' | 'https') =>
  driver(
    `a declared interface by ${scheme}`,
    { speaks: 'http', tls: scheme === 'https' ? 'at once' : 'none' },
    ({ host, port, ca }) => ({
      driver: 'http',
      url: `${scheme}://${host}:${port}`,
      ca,
      set: {
        request: { method: 'PUT', path: '/{account}', json: { password: '{password}' } },
        answers: [{ status: [200], means: 'done' }],
      },
      prove: {
        request: {
          method: 'POST',
          path: '/session',
          basic: { user: '{account}', password: '{password}' },
        },
        answers: [
          { status: [200], where: { '/signedIn': true }, means: 'accepted' },
          { status: [401], means: 'rejected' },
        ],
      },
      timeout: PATIENCE,
    }),
  );

const openbao = (scheme: 'http' | 'https') =>
  driver(
    `OpenBao by ${scheme}`,
    { speaks: 'http', tls: scheme === 'https' ? 'at once' : 'none' },
    ({ host, port, ca }) => ({
      driver: 'openbao',
      url: `${scheme}://${host}:${port}`,
      ca,
      rotator: { role: 'rotator' },
      timeout: PATIENCE,
    }),
  );

const connect: OutboundClient = {
  name: 'a Connect server of 1Password',
  speaks: 'http',
  tls: 'none',
  codes: /^systems\.(unreachable|timeout|connection-lost|unwilling|busy)$/,
  open: ({ host, port }) =>
    fetchEntry(
      parseVaultStore({
        kind: 'onepassword',
        url: `http://${host}:${port}`,
        vault: 'Break-Glass',
        timeout: PATIENCE,
      }),
      utf8(SECRET),
      'directory',
    ),
};

/** Whom the people of a machine sign in to: an outage is an answer there, and nothing else may come of these peers. */
const provider = (
  name: string,
  speaks: OutboundClient['speaks'],
  at: (at: At) => Provider,
): OutboundClient => ({
  name,
  speaks,
  tls: 'at once',
  codes: /^device\.unreachable$/,
  open: async (where) => {
    const { answer } = await at(where).signIn('ana', utf8(SECRET), NO_CONVERSATION, patience());
    if (answer === 'unreachable')
      throw new HalliganError('device.unreachable', 'The provider is not there.', 'Look for it.');
    throw new TypeError(answer);
  },
});

const people = [
  provider('people of an OpenID provider', 'http', ({ host, port, ca }) =>
    openidProvider({
      ...{ issuer: `https://${host}:${port}`, ca, clientId: 'workstations', flow: 'password' },
      ...{ login: '{user}', claim: 'preferred_username', kind: 'mfa' },
    }),
  ),
  provider('people of a directory', 'its own', ({ host, port, ca }) =>
    ldapProvider({
      url: `ldaps://${host}:${port}`,
      ca,
      bind: 'uid={user},dc=example',
      kind: 'mfa',
    }),
  ),
];

/** Where a machine's record is handed to: whatever is no answer is nobody, and is tried again. */
const reports = (scheme: 'http' | 'https'): OutboundClient => ({
  name: `a machine’s record by ${scheme}`,
  speaks: 'http',
  tls: scheme === 'https' ? 'at once' : 'none',
  codes: /^device\.(unreachable|no-answer)$/,
  open: async ({ host, port, ca }) => {
    const to = { url: `${scheme}://${host}:${port}`, machine: 'desk-12' };
    const answer = await sender(to, ca, PATIENCE)(utf8(SECRET));
    if (answer === undefined)
      throw new HalliganError('device.unreachable', 'The server is not there.', 'Look for it.');
    if (answer.status === 201 && answer.body !== undefined) throw new TypeError('it is a yes');
    throw new HalliganError('device.no-answer', 'The server did not take it.', 'Look for it.');
  },
});

const HOST_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKuGc8Mz5ZPcCYvHkYVvgYjGxF0x9oC5eQwz1vTQ5J2d' as const;

/** Every client that speaks to what somebody else runs, but what a program of somebody else’s does for us. */
export const CLIENTS: readonly OutboundClient[] = [
  ...[webhook('http'), webhook('https')],
  ...[mail('none'), mail('implicit'), mail('starttls')],
  ...[syslog(false), syslog(true)],
  cosigner,
  ...[openldap('ldap', false), openldap('ldaps', false), openldap('ldap', true)],
  driver('Active Directory', { speaks: 'its own', tls: 'at once' }, ({ host, port, ca }) => ({
    driver: 'active-directory',
    url: `ldaps://${host}:${port}`,
    ca,
    accounts: { by: 'name', domain: 'CONTOSO', base: 'dc=contoso' },
    rotator: 'CONTOSO\\rotator',
    timeout: PATIENCE,
  })),
  driver('PostgreSQL', { speaks: 'its own', tls: 'asked for' }, ({ host, port, ca }) => ({
    driver: 'postgresql',
    host,
    port,
    ca,
    timeout: PATIENCE,
  })),
  driver('MariaDB', { speaks: 'its own', tls: 'asked for' }, ({ host, port, ca }) => ({
    driver: 'mysql',
    server: 'mariadb',
    authentication: 'ed25519',
    ...{ host, port, ca, timeout: PATIENCE },
  })),
  driver('SSH', { speaks: 'its own', tls: 'none' }, ({ host, port }) => ({
    driver: 'ssh',
    hostKeys: [HOST_KEY],
    ...{ host, port, timeout: PATIENCE },
  })),
  ...[openbao('http'), openbao('https')],
  ...[declared('http'), declared('https')],
  connect,
  ...people,
  ...[reports('http'), reports('https')],
];
