import type { Section } from './ini.ts';
import { invalid } from './invalid.ts';
import { absolutePath, firstLine, type Known, oneOf, settingsOf, text } from './values.ts';

/** A directory that people sign in to by a bind. */
export interface LdapProviderSettings {
  readonly kind: 'ldap';
  /** `ldaps://…` */
  readonly url: string;
  /** File of the authority to trust, in PEM; undefined trusts what the machine trusts. */
  readonly caFile?: string;
  /** Whom to bind as; `{user}` is the name that was typed. */
  readonly bind: string;
  /** What its people are where nobody says otherwise: of several factors. */
  readonly users: 'sfa' | 'mfa';
}

/** The provider that people of this machine sign in to, as configured. */
export type ProviderSettings = LdapProviderSettings;

const kind = oneOf('ldap');

/** Reads `[provider]`. @throws `device.config` naming file and line */
export function providerOf(file: string, section: Section): ProviderSettings {
  const setting = section.get('kind');
  if (setting === undefined)
    throw invalid(file, firstLine(section), '[provider] has no kind', 'Write kind = ldap.');
  switch (kind(file, 'kind', setting)) {
    case 'ldap':
      return ldapOf(file, section);
  }
}

const url = text(/^ldaps:\/\/[^\s/?#@]+\/?$/i, 'ldaps://HOST');
const bind = text(/\{user\}/, 'uid={user},ou=people,dc=example,dc=org');
const users = oneOf('sfa', 'mfa');

const LDAP: Known<LdapProviderSettings> = {
  kind: () => ({ kind: 'ldap' }),
  url: (...of) => ({ url: url(...of) }),
  ca: (...of) => ({ caFile: absolutePath(...of) }),
  bind: (...of) => ({ bind: bind(...of) }),
  users: (...of) => ({ users: users(...of) }),
};

function ldapOf(file: string, section: Section): LdapProviderSettings {
  const said = settingsOf(file, 'provider', section, LDAP);
  const { url: at, bind: as } = said;
  if (at === undefined || as === undefined)
    throw invalid(
      file,
      firstLine(section),
      `[provider] has no ${at === undefined ? 'url' : 'bind'}`,
      'Write url = ldaps://HOST and bind = uid={user},ou=people,dc=example,dc=org.',
    );
  return { users: 'mfa', ...said, kind: 'ldap', url: at, bind: as };
}
