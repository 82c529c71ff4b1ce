import { NAME_CLAIMS, type NameClaim } from '../provider/claims.ts';
import { ENTRA_CLOUDS } from '../provider/clouds.ts';
import type { Section } from './ini.ts';
import { invalid } from './invalid.ts';
import { absolutePath, firstLine, type Known, oneOf, settingsOf, text } from './values.ts';

/** What holds for every kind of provider. */
interface People {
  /** What its people are where nobody says otherwise: of several factors. */
  readonly users: 'sfa' | 'mfa';
  /** File of the authority to trust, in PEM; undefined trusts what the machine trusts. */
  readonly caFile?: string;
}

/** A directory that people sign in to by a bind. */
export interface LdapProviderSettings extends People {
  readonly kind: 'ldap';
  /** `ldaps://…` */
  readonly url: string;
  /** Whom to bind as; `{user}` is the name that was typed. */
  readonly bind: string;
}

/** What holds for whoever gives tokens. */
interface TokenSettings extends People {
  /** The id of a client. */
  readonly clientId: string;
  /** Whom to sign in as; `{user}` is the name that was typed. */
  readonly login: string;
  /** The claim that has to hold that login. */
  readonly claim: NameClaim;
  /** A password and, where it is not enough, a code on another device; or the code alone. */
  readonly flow: 'password' | 'device';
}

export interface OpenidProviderSettings extends TokenSettings {
  readonly kind: 'openid';
  /** `https://…`, as its own document spells it. */
  readonly issuer: string;
  /** The authentication context that proves several factors; undefined goes by `amr`. */
  readonly acr?: string;
  /** File of a confidential client's secret; undefined is a public client. */
  readonly clientSecretFile?: string;
}

export interface EntraProviderSettings extends TokenSettings {
  readonly kind: 'entra';
  /** A GUID. */
  readonly tenant: string;
  /** The cloud's address. */
  readonly base: string;
}

/** The provider that people of this machine sign in to, as configured. */
export type ProviderSettings =
  | LdapProviderSettings
  | OpenidProviderSettings
  | EntraProviderSettings;

const kind = oneOf('ldap', 'openid', 'entra');

/** Reads `[provider]`. @throws `device.config` naming file and line */
export function providerOf(file: string, section: Section): ProviderSettings {
  const setting = section.get('kind');
  if (setting === undefined)
    throw invalid(
      file,
      firstLine(section),
      '[provider] has no kind',
      'Write kind = ldap, openid or entra.',
    );
  switch (kind(file, 'kind', setting)) {
    case 'ldap': {
      const said = read(file, section, LDAP, ['url', 'bind']);
      return { users: 'mfa', ...said, kind: 'ldap' };
    }
    case 'openid': {
      const said = read(file, section, OPENID, ['issuer', 'clientId']);
      return { ...TOKENS_DEFAULT, login: '{user}', ...said, kind: 'openid' };
    }
    case 'entra': {
      const said = read(file, section, ENTRA, ['tenant', 'clientId', 'login']);
      return { ...TOKENS_DEFAULT, base: ENTRA_CLOUDS.worldwide, ...said, kind: 'entra' };
    }
  }
}

const url = text(/^ldaps:\/\/[^\s/?#@]+\/?$/i, 'ldaps://HOST');
const bind = text(/\{user\}/, 'uid={user},ou=people,dc=example,dc=org');
const users = oneOf('sfa', 'mfa');

const PEOPLE: Known<People> = {
  users: (...of) => ({ users: users(...of) }),
  ca: (...of) => ({ caFile: absolutePath(...of) }),
};

const LDAP: Known<Omit<LdapProviderSettings, 'kind'>> = {
  ...{ kind: () => ({}), ...PEOPLE },
  url: (...of) => ({ url: url(...of) }),
  bind: (...of) => ({ bind: bind(...of) }),
};

const clientId = text(/^[\x21-\x7e]{1,256}$/, 'the id that the client is registered by');
const flow = oneOf('password', 'device');
const claim = oneOf(...NAME_CLAIMS);
const login = text(/^[^\s{}]*\{user\}[^\s{}]*$/, '{user}@example.org');

const TOKENS: Known<TokenSettings> = {
  ...PEOPLE,
  client_id: (...of) => ({ clientId: clientId(...of) }),
  login: (...of) => ({ login: login(...of) }),
  claim: (...of) => ({ claim: claim(...of) }),
  flow: (...of) => ({ flow: flow(...of) }),
};
const TOKENS_DEFAULT = { users: 'mfa', claim: 'preferred_username', flow: 'password' } as const;

const issuer = text(/^https:\/\/[^\s?#@]+$/, 'https://HOST, as the provider itself writes it');
const acr = text(/^[\x21-\x7e]{1,256}$/, 'one authentication context');

const OPENID: Known<Omit<OpenidProviderSettings, 'kind'>> = {
  ...{ kind: () => ({}), ...TOKENS },
  issuer: (...of) => ({ issuer: issuer(...of) }),
  acr: (...of) => ({ acr: acr(...of) }),
  client_secret_file: (...of) => ({ clientSecretFile: absolutePath(...of) }),
};

const tenant = text(
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'the tenant’s id in lower case, eight-four-four-four-twelve digits',
);
const base = text(
  /^https:\/\/[^\s/?#@]+$/,
  `the cloud’s address: ${Object.values(ENTRA_CLOUDS).join(', ')}`,
);

const ENTRA: Known<Omit<EntraProviderSettings, 'kind'>> = {
  ...{ kind: () => ({}), ...TOKENS },
  tenant: (...of) => ({ tenant: tenant(...of) }),
  base: (...of) => ({ base: base(...of) }),
};

/** @param wanted what has no default */
function read<T, Wanted extends keyof T & string>(
  file: string,
  section: Section,
  known: Known<T>,
  wanted: readonly Wanted[],
): Partial<T> & Pick<T, Wanted> {
  const said = settingsOf(file, 'provider', section, known);
  const missing = wanted.find((one) => said[one] === undefined);
  if (missing !== undefined) {
    const key = missing.replace('clientId', 'client_id');
    throw invalid(
      file,
      firstLine(section),
      `[provider] has no ${key}`,
      `Write ${wanted.map((one) => one.replace('clientId', 'client_id')).join(', ')}: docs/guides/offline-sign-in-providers.md.`,
    );
  }
  return said as Partial<T> & Pick<T, Wanted>;
}
