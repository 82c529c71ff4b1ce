import { readIni, type Section } from './ini.ts';
import { invalid } from './invalid.ts';
import {
  OFFLINE_DEFAULTS,
  type OfflineBreakglass,
  offlineBreakglassOf,
  SECTION,
} from './offline-breakglass.ts';
import { type ProviderSettings, providerOf } from './provider.ts';
import { type ServerSettings, serverOf } from './server.ts';
import { type Known, oneOf, settingsOf } from './values.ts';

/** Where a configuration is looked for, first to last: the first file that says anything of offline sign-in counts. */
export const CONFIGURATION_FILES = [
  '/etc/halligan/device.conf',
  '/etc/himmelblau/himmelblau.conf',
] as const;

/** What is configured on this machine. */
export interface Configuration extends OfflineBreakglass {
  /** Undefined where none is: nobody can be asked then, which is no outage. */
  readonly provider?: ProviderSettings;
  readonly server?: ServerSettings;
  /** Where the machine's key is kept: in the TPM where there is one, there or nowhere, or in a file. */
  readonly tpm: 'auto' | 'required' | 'off';
  /** The file that said what holds offline; undefined where none does, and all is as it is by default. */
  readonly file?: string;
  /** Files that say something of it too, and do not count. */
  readonly passedOver: readonly string[];
}

/** A configuration file, or where one would be. */
export interface ConfigurationFile {
  readonly path: string;
  /** Undefined where there is none. */
  readonly text: string | undefined;
}

/** What holds where no file says anything. */
export const DEFAULTS: Configuration = { ...OFFLINE_DEFAULTS, tpm: 'auto', passedOver: [] };

/** What our own file may hold; another program's is read for {@link SECTION} alone. */
const OURS = [SECTION, 'provider', 'server', 'machine'];
/** What a file that does not count is looked at for, and no more: what is wrong in it is no matter of ours. */
const SAYS_SO = /^\s*\[offline_breakglass\]\s*$/im;
const where = oneOf('auto', 'required', 'off');
const MACHINE: Known<Pick<Configuration, 'tpm'>> = { tpm: (...of) => ({ tpm: where(...of) }) };

/**
 * Reads the configuration. Our own file says all; what holds offline is said by the first file that has a section
 * `[offline_breakglass]`, and a file of another program is read for that section alone.
 * @throws `device.config` naming file and line, for whatever is not understood: nothing becomes a default in silence
 */
export function readConfiguration(files: readonly ConfigurationFile[]): Configuration {
  let all = DEFAULTS;
  for (const { path, text } of files) {
    if (text === undefined) continue;
    if (all.file !== undefined) {
      if (SAYS_SO.test(text)) all = { ...all, passedOver: [...all.passedOver, path] };
      continue;
    }
    const isOurs = path.endsWith('device.conf');
    const sections = readIni(path, text, (name) => isOurs || name === SECTION);
    if (isOurs) all = { ...all, ...machineOf(path, sections) };
    const section = sections.get(SECTION);
    if (section !== undefined)
      all = { ...all, ...offlineBreakglassOf(path, section, isOurs), file: path };
  }
  return all;
}

function machineOf(
  file: string,
  sections: ReadonlyMap<string, Section>,
): Partial<Pick<Configuration, 'provider' | 'server' | 'tpm'>> {
  for (const [name, section] of sections) {
    if (OURS.includes(name)) continue;
    const line = Math.min(...[...section.values()].map((setting) => setting.line));
    throw invalid(
      file,
      Number.isFinite(line) ? line : 1,
      `there is no section [${name}]`,
      `There are ${OURS.map((known) => `[${known}]`).join(', ')}.`,
    );
  }
  const [provider, server, machine] = OURS.slice(1).map((name) => sections.get(name));
  return {
    ...(provider === undefined ? {} : { provider: providerOf(file, provider) }),
    ...(server === undefined ? {} : { server: serverOf(file, server) }),
    ...(machine === undefined ? {} : settingsOf(file, 'machine', machine, MACHINE)),
  };
}
