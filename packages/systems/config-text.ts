import { HalliganError } from '@halligan/format';
import { type Document, parseDocument } from 'yaml';
import { parseSystemConfig, type SystemConfig } from './config.ts';

/** Characters of the settings of a system: certificates included. */
const MOST_TEXT = 262_144;

/** Reads settings as people write them, in YAML or JSON. @throws `systems.config`, with the line where it is neither */
export function readSystemConfig(text: string): SystemConfig {
  if (text.length > MOST_TEXT) throw unreadable(`are longer than ${MOST_TEXT} characters`);
  const document = parseDocument(text, { logLevel: 'silent' });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw unreadable(`are no YAML or JSON at line ${broken.linePos?.[0].line ?? 1}`);
  return parseSystemConfig(plainOf(document));
}

/** @throws `systems.config` where the text has aliases: a few lines could grow to millions */
function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw unreadable('have YAML aliases');
  }
}

function unreadable(what: string): HalliganError {
  return new HalliganError(
    'systems.config',
    `These settings ${what}.`,
    'Correct them; docs/systems/ shows an example of every driver.',
  );
}
