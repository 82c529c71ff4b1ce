import { HalliganError } from '@halligan/format';
import { redacted, redactedText } from './redaction.ts';

/** How much an operator wants to know: `info` has each request, `debug` those of health checks too. */
export const LEVELS = ['debug', 'info', 'warning', 'error'] as const;

export type Level = (typeof LEVELS)[number];

/** What goes along with a message: ids, codes, counts. */
export type About = Readonly<Record<string, unknown>>;

/**
 * Says one thing to the operator. Never throws.
 * @param part of the server: `http`, `alerts`, `kit` …
 * @param message for a person; never a body, a query, an address or a name that somebody typed
 */
export type Log = (level: Level, part: string, message: string, about?: About) => void;

/** How and from which level on lines are written. */
export interface LogOptions {
  /** `info` where nothing is said. */
  readonly level?: Level;
  /** For a person at a terminal; otherwise one JSON object a line. */
  readonly human?: boolean;
  readonly now?: () => Date;
}

/** A log whose lines go to `write`, each redacted and without a character that a terminal would act on. */
export function logTo(write: (line: string) => void, options: LogOptions = {}): Log {
  const { level: least = 'info', human = false, now = () => new Date() } = options;
  return (level, part, message, about = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const entry = { time: now().toISOString(), level, part, message: redactedText(message) };
    const rest = redacted(about);
    write(
      inert(
        human ? humanLine(entry, rest) : JSON.stringify({ ...entry, ...Object(rest), ...entry }),
      ),
    );
  };
}

/** @throws `server.log-level` */
export function levelNamed(name: string | undefined): Level | undefined {
  const found = LEVELS.find((level) => level === name);
  if (found !== undefined || name === undefined || name === '') return found;
  throw new HalliganError(
    'server.log-level',
    'HALLIGAN_LOG_LEVEL is no level.',
    `Set it to one of ${LEVELS.join(', ')}.`,
  );
}

interface Entry {
  readonly time: string;
  readonly level: Level;
  readonly part: string;
  readonly message: string;
}

function humanLine({ time, level, part, message }: Entry, about: unknown): string {
  const words = Object.entries(Object(about)).map(([name, value]) =>
    typeof value === 'string' && /^[\w./:{}-]+$/.test(value)
      ? `${name}=${value}`
      : `${name}=${JSON.stringify(value)}`,
  );
  const tail = words.length === 0 ? '' : ` (${words.join(' ')})`;
  return `${time.slice(11, 19)} ${level.padEnd(7)} ${part}: ${message}${tail}`;
}

/** Escapes whatever moves a cursor, turns text around or ends a line: a name in a log must not forge another line. */
function inert(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
