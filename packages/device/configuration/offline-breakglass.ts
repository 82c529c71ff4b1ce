import type { Section } from './ini.ts';
import { invalid } from './invalid.ts';
import { count, type Known, names, oneOf, seconds, settingsOf, text, truth } from './values.ts';

/** What `[offline_breakglass]` says. */
export interface OfflineBreakglass {
  /** Whether verifiers are cached and windows may be opened. */
  readonly enabled: boolean;
  /** How long a window stays open where nobody says otherwise; 0 where a window needs a time of its own. */
  readonly ttlSeconds: number;
  /** The longest that a window may be asked to stay open. */
  readonly maxTtlSeconds: number;
  /** Why it was enabled, in the words of who did; `doctor` asks for it where it is missing. */
  readonly justification?: string;
  /** Whether a factor that works offline is asked for besides the password. */
  readonly secondFactor: 'none' | 'optional' | 'required';
  /** Whether people without a password get in by another factor alone. */
  readonly passwordless: boolean;
  /** Who may sign in offline, by name or by group; undefined where everybody may whom the table lets in. */
  readonly allowUsers?: readonly string[];
  readonly allowGroups?: readonly string[];
  /** PAM services that people reach from elsewhere, as sshd is, and that are let in offline all the same. */
  readonly allowRemote: readonly string[];
  /** Most sign-ins by cached passwords in one window; undefined without a limit. */
  readonly maxSignIns?: number;
  /** How long a verifier may be used after the online sign-in that made it. */
  readonly verifierSeconds: number;
}

export const SECTION = 'offline_breakglass';
const DAY = 86_400;

/** What holds where nothing is said. */
export const OFFLINE_DEFAULTS: OfflineBreakglass = {
  enabled: false,
  ttlSeconds: 7200,
  maxTtlSeconds: 30 * DAY,
  secondFactor: 'none',
  passwordless: false,
  allowRemote: [],
  verifierSeconds: 14 * DAY,
};

const factor = oneOf('none', 'optional', 'required');
const sentence = text(/^.{8,500}$/u, 'a sentence of 8 to 500 characters');
const upTo = count(1_000_000);
const days = count(366);

const KNOWN: Known<OfflineBreakglass> = {
  enabled: (...of) => ({ enabled: truth(...of) }),
  ttl: (...of) => ({ ttlSeconds: seconds(...of) }),
  max_ttl: (...of) => ({ maxTtlSeconds: seconds(...of) }),
  justification: (...of) => ({ justification: sentence(...of) }),
  second_factor: (...of) => ({ secondFactor: factor(...of) }),
  passwordless: (...of) => ({ passwordless: truth(...of) }),
  allow_users: (...of) => ({ allowUsers: names(...of) }),
  allow_groups: (...of) => ({ allowGroups: names(...of) }),
  allow_remote: (...of) => ({ allowRemote: names(...of) }),
  max_sign_ins: (...of) => ({ maxSignIns: upTo(...of) }),
  verifier_days: (...of) => ({ verifierSeconds: days(...of) * DAY }),
};

/** @param isOurs another program may know more keys than we do; in our own file such a key is a mistake @throws `device.config` */
export function offlineBreakglassOf(
  file: string,
  section: Section,
  isOurs: boolean,
): OfflineBreakglass {
  const all = { ...OFFLINE_DEFAULTS, ...settingsOf(file, SECTION, section, KNOWN, isOurs) };
  const line = section.get('ttl')?.line ?? section.get('max_ttl')?.line ?? 1;
  if (all.ttlSeconds <= all.maxTtlSeconds) return all;
  throw invalid(
    file,
    line,
    `ttl is ${all.ttlSeconds} s, which is more than max_ttl, ${all.maxTtlSeconds} s`,
    'Lower ttl, or raise max_ttl.',
  );
}
