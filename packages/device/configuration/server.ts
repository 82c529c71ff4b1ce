import type { Section } from './ini.ts';
import { invalid } from './invalid.ts';
import { absolutePath, firstLine, type Known, settingsOf, text } from './values.ts';

/** The Halligan server that this machine's record is handed to. */
export interface ServerSettings {
  /** `https://…`; without TLS only on loopback. */
  readonly url: string;
  /** What the machine is called there. */
  readonly machine: string;
  /** File of the authority to trust, in PEM; undefined trusts what the machine trusts. */
  readonly caFile?: string;
}

const url = text(
  /^(?:https:\/\/[^\s/?#@]+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?)\/?$/i,
  'https://HOST',
);
const machine = text(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'an id as halligan machine add takes it: web-1');

const KNOWN: Known<ServerSettings> = {
  url: (...of) => ({ url: url(...of) }),
  machine: (...of) => ({ machine: machine(...of) }),
  ca: (...of) => ({ caFile: absolutePath(...of) }),
};

/** Reads `[server]`. @throws `device.config` naming file and line */
export function serverOf(file: string, section: Section): ServerSettings {
  const said = settingsOf(file, 'server', section, KNOWN);
  const { url: at, machine: as } = said;
  if (at !== undefined && as !== undefined) return { ...said, url: at, machine: as };
  throw invalid(
    file,
    firstLine(section),
    `[server] has no ${at === undefined ? 'url' : 'machine'}`,
    'Write url = https://HOST and machine = the id that this machine is enrolled by.',
  );
}
