import { readIni, type Section, type Setting } from './ini.ts';
import { invalid } from './invalid.ts';
import { parseSeconds, SECONDS_FORMS } from './seconds.ts';

/** Where a configuration is looked for, first to last: the first file that says anything of offline sign-in counts. */
export const CONFIGURATION_FILES = [
  '/etc/halligan/device.conf',
  '/etc/himmelblau/himmelblau.conf',
] as const;

/** What a configuration says of offline emergency sign-in. */
export interface Configuration {
  /** Whether verifiers are cached and windows may be opened. */
  readonly enabled: boolean;
  /** How long a window stays open where nobody says otherwise; 0 where a window needs a time of its own. */
  readonly ttlSeconds: number;
  /** The longest that a window may be asked to stay open. */
  readonly maxTtlSeconds: number;
  /** The file that said so; undefined where none does, and all is as it is by default. */
  readonly file?: string;
}

/** A configuration file, or where one would be. */
export interface ConfigurationFile {
  readonly path: string;
  /** Undefined where there is none. */
  readonly text: string | undefined;
}

/** What holds where no file says anything. */
export const DEFAULTS: Configuration = {
  enabled: false,
  ttlSeconds: 7200,
  maxTtlSeconds: 30 * 86_400,
};

const SECTION = 'offline_breakglass';
const DAY = 86_400;
/** A year: a window that is asked to stay open longer is a typing mistake. */
const LONGEST = 366 * DAY;
const TRUTHS: Readonly<Record<string, boolean>> = {
  ...{ true: true, yes: true, on: true, '1': true },
  ...{ false: false, no: false, off: false, '0': false },
};

/**
 * Reads the configuration from the first file that is there and has a section `[offline_breakglass]`. A file of another
 * program is read for that section alone.
 * @throws `device.config` naming file and line, for whatever is not understood: nothing becomes a default in silence
 */
export function readConfiguration(files: readonly ConfigurationFile[]): Configuration {
  for (const { path, text } of files) {
    if (text === undefined) continue;
    const isOurs = path.endsWith('device.conf');
    const sections = readIni(path, text, (name) => isOurs || name === SECTION);
    const section = sections.get(SECTION);
    if (section !== undefined) return configurationOf(path, section, isOurs);
  }
  return DEFAULTS;
}

function configurationOf(file: string, section: Section, isOurs: boolean): Configuration {
  const known: Readonly<Record<string, (setting: Setting) => Partial<Configuration>>> = {
    enabled: (setting) => ({ enabled: truth(file, 'enabled', setting) }),
    ttl: (setting) => ({ ttlSeconds: seconds(file, 'ttl', setting) }),
    max_ttl: (setting) => ({ maxTtlSeconds: seconds(file, 'max_ttl', setting) }),
  };
  let all: Configuration = { ...DEFAULTS, file };
  for (const [key, setting] of section) {
    const read = known[key];
    if (read !== undefined) all = { ...all, ...read(setting) };
    // Another program may know more keys than we do; in our own file such a key is a typing mistake.
    else if (isOurs)
      throw invalid(
        file,
        setting.line,
        `there is no setting ${key} in [${SECTION}]`,
        `There are ${Object.keys(known).join(', ')}.`,
      );
  }
  requireWithin(file, section, all);
  return all;
}

function requireWithin(file: string, section: Section, all: Configuration): void {
  const line = section.get('ttl')?.line ?? section.get('max_ttl')?.line ?? 1;
  if (all.ttlSeconds > all.maxTtlSeconds)
    throw invalid(
      file,
      line,
      `ttl is ${all.ttlSeconds} s, which is more than max_ttl, ${all.maxTtlSeconds} s`,
      'Lower ttl, or raise max_ttl.',
    );
}

function truth(file: string, key: string, { value, line }: Setting): boolean {
  const said = TRUTHS[value.toLowerCase()];
  if (said !== undefined) return said;
  throw invalid(file, line, `${key} is neither true nor false`, 'Write true or false.');
}

function seconds(file: string, key: string, { value, line }: Setting): number {
  const said = parseSeconds(value);
  if (said === undefined) throw invalid(file, line, `${key} is no time`, `Write ${SECONDS_FORMS}.`);
  if (said <= LONGEST) return said;
  throw invalid(file, line, `${key} is more than a year`, `Write ${SECONDS_FORMS}.`);
}
