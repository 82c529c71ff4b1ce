import type { Section } from './ini.ts';
import { invalid } from './invalid.ts';

/** The provider that people of this machine sign in to, as configured. */
export interface ProviderSettings {
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

const KEYS = ['kind', 'url', 'ca', 'bind', 'users'];

/** Reads `[provider]`. @throws `device.config` naming file and line */
export function providerOf(file: string, section: Section): ProviderSettings {
  const first = Math.min(...[...section.values()].map(({ line }) => line));
  const wanted = (key: string, form: RegExp, forms: string): string => {
    const setting = section.get(key);
    if (setting === undefined)
      throw invalid(file, first, `[provider] has no ${key}`, `Write ${key} = ${forms}.`);
    if (form.test(setting.value)) return setting.value;
    throw invalid(file, setting.line, `${key} is not ${forms}`, `Write ${key} = ${forms}.`);
  };
  for (const [key, { line }] of section)
    if (!KEYS.includes(key))
      throw invalid(
        file,
        line,
        `there is no setting ${key} in [provider]`,
        `There are ${KEYS.join(', ')}.`,
      );
  wanted('kind', /^ldap$/, 'ldap');
  const url = wanted('url', /^ldaps:\/\/[^\s/?#@]+\/?$/i, 'ldaps://HOST');
  const bind = wanted('bind', /\{user\}/, 'uid={user},ou=people,dc=example,dc=org');
  const users = section.has('users') ? wanted('users', /^(?:sfa|mfa)$/, 'sfa or mfa') : 'mfa';
  const caFile = section.has('ca') ? wanted('ca', /^\//, 'an absolute path') : undefined;
  return {
    kind: 'ldap',
    url,
    bind,
    users: users === 'sfa' ? 'sfa' : 'mfa',
    ...(caFile === undefined ? {} : { caFile }),
  };
}
