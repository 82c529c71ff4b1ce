import { randomBytes } from 'node:crypto';
import type { Secret } from './leaks.fixture.ts';
import { spellings } from './spellings.fixture.ts';

/** Places that are searched, by kind. */
export type Kind =
  | 'core image'
  | 'journal entries'
  | 'texts'
  | 'files'
  | 'kits'
  | 'evidence packs'
  | 'snapshots'
  | 'backup'
  | 'server’s log'
  | 'temporary files'
  | 'processes'
  | 'alerts'
  | 'people’s programs';

/** Something that looks like a password, put where it must be found: else the search is blind there. */
export interface Canary extends Secret {
  readonly text: string;
  readonly places: readonly Kind[];
}

/** Spellings in which one is held in the server's memory each. */
const HELD = ['text', 'text in UTF-16LE', 'hex from 0', 'base64 from 1', 'BECH32 from 0'];

/** Fresh ones. */
export function makeCanaries() {
  const held = HELD.map((spelling) => ({
    spelling,
    ...canary(`held as ${spelling}`, ['core image']),
  }));
  return {
    held,
    purpose: canary('in what a system is for', [
      ...(['journal entries', 'files', 'kits', 'evidence packs', 'snapshots', 'backup'] as const),
    ]),
    answer: canary('in an answer', ['people’s programs']),
    note: canary('in a note', ['texts', 'evidence packs']),
    log: canary('in the log', ['server’s log']),
    temporary: canary('in a temporary file', ['temporary files']),
    parameter: canary('in a parameter', ['processes']),
    environment: canary('in an environment', ['processes']),
    alert: canary('in an alert', ['alerts']),
  };
}

function canary(name: string, places: readonly Kind[]): Canary {
  const text = `Canary:${randomBytes(12).toString('base64')}!`;
  return { name: `canary ${name}`, forms: [text], text, places };
}

/**
 * What planting.fixture.ts is told. Turned over bit by bit, so that the file and the reading of it plant nothing
 * themselves.
 */
export function plantingOrder({ held, ...others }: ReturnType<typeof makeCanaries>): Uint8Array {
  const bytesOf = (text: string, wanted: string) =>
    spellings(text)
      .find(({ name }) => name === wanted)
      ?.bytes.toString('latin1') ?? '';
  const order = {
    held: held.map(({ text, spelling }) => turned(bytesOf(text, spelling))),
    log: turned(others.log.text),
    temporary: turned(others.temporary.text),
    parameter: turned(others.parameter.text),
    environment: turned(others.environment.text),
  };
  return Buffer.from(JSON.stringify(order));
}

function turned(text: string): string {
  const bytes = Buffer.from(text, 'latin1').map((byte) => byte ^ 0xff);
  return Buffer.from(bytes).toString('base64');
}
