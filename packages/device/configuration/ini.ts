import { invalid } from './invalid.ts';

/** A value as it stands in a file, and where. */
export interface Setting {
  readonly value: string;
  /** Line of the file, from 1. */
  readonly line: number;
}

/** The settings of one section, by their lower-cased keys. */
export type Section = ReadonlyMap<string, Setting>;

/**
 * Reads an INI file: `[section]`, `key = value` or `key: value`, comments from `#` or `;` at the beginning of a line or
 * after white space. Names of sections and keys are taken in lower case. A section may be continued further down.
 * @param file its path, for messages
 * @param judged whose sections are held to the form; in others, which belong to somebody else's program, a line that is
 * neither is passed over
 * @returns the judged sections that are there
 * @throws `device.config` naming the file and the line: no section, no key, or a key given twice
 */
export function readIni(
  file: string,
  text: string,
  judged: (section: string) => boolean,
): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, Setting>>();
  let current: Map<string, Setting> | undefined;
  let isOurs = true;
  for (const [at, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = at + 1;
    const content = raw.replace(/(?:^|\s)[#;].*$/, '').trim();
    if (content === '') continue;
    const name = /^\[([^\][]+)\]$/.exec(content)?.[1]?.trim().toLowerCase();
    if (name !== undefined) {
      isOurs = judged(name);
      current = isOurs ? (sections.get(name) ?? new Map()) : undefined;
      if (current !== undefined) sections.set(name, current);
      continue;
    }
    if (!isOurs) continue;
    const [, key = '', value = ''] = /^([^=:]*[^=:\s])\s*[=:]\s*(.*)$/.exec(content) ?? [];
    if (key === '') throw invalid(file, line, 'this is neither [section] nor key = value', FORM);
    if (current === undefined)
      throw invalid(file, line, `${key} stands before any [section]`, FORM);
    const named = key.toLowerCase();
    const before = current.get(named);
    if (before !== undefined)
      throw invalid(file, line, `${named} was given in line ${before.line}`, 'Keep one of them.');
    current.set(named, { value, line });
  }
  return sections;
}

const FORM = 'Write [section] in a line of its own, and key = value below it.';
