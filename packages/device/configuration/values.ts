import type { Section, Setting } from './ini.ts';
import { invalid } from './invalid.ts';
import { parseSeconds, SECONDS_FORMS } from './seconds.ts';

/** Reads one value. @throws `device.config` naming file, line and the forms that are accepted */
export type Value<T> = (file: string, key: string, setting: Setting) => T;

/** A year: what is asked to last longer is a typing mistake. */
const LONGEST = 366 * 86_400;
const TRUTHS: Readonly<Record<string, boolean>> = {
  ...{ true: true, yes: true, on: true, '1': true },
  ...{ false: false, no: false, off: false, '0': false },
};

export const truth: Value<boolean> = (file, key, { value, line }) => {
  const lower = value.toLowerCase();
  const said = Object.hasOwn(TRUTHS, lower) ? TRUTHS[lower] : undefined;
  if (said !== undefined) return said;
  throw invalid(file, line, `${key} is neither true nor false`, 'Write true or false.');
};

export const seconds: Value<number> = (file, key, { value, line }) => {
  const said = parseSeconds(value);
  const hint = `Write ${SECONDS_FORMS}.`;
  if (said === undefined) throw invalid(file, line, `${key} is no time`, hint);
  if (said <= LONGEST) return said;
  throw invalid(file, line, `${key} is more than a year`, hint);
};

/** A whole number from 1. */
export function count(most: number): Value<number> {
  return (file, key, { value, line }) => {
    const said = /^\d{1,9}$/.test(value) ? Number(value) : 0;
    if (said >= 1 && said <= most) return said;
    throw invalid(file, line, `${key} is no number from 1 to ${most}`, `Write ${key} = 10.`);
  };
}

export function oneOf<const T extends string>(...words: readonly T[]): Value<T> {
  return (file, key, { value, line }) => {
    const said = words.find((word) => word === value.toLowerCase());
    if (said !== undefined) return said;
    throw invalid(file, line, `${key} is none of ${words.join(', ')}`, 'Write one of them.');
  };
}

/** A text of the form that is meant. @param forms how it is written, for the hint */
export function text(form: RegExp, forms: string): Value<string> {
  return (file, key, { value, line }) => {
    if (form.test(value)) return value;
    throw invalid(file, line, `${key} is not ${forms}`, `Write ${key} = ${forms}.`);
  };
}

/** Names, with spaces or commas between them; at least one: who means nobody turns the feature off. */
export const names: Value<readonly string[]> = (file, key, { value, line }) => {
  const said = value.split(/[\s,]+/).filter((name) => name !== '');
  if (said.length > 0 && said.every((name) => /^[^\s,:/\p{Cc}]{1,256}$/u.test(name))) return said;
  throw invalid(file, line, `${key} is no list of names`, `Write ${key} = ana ben.`);
};

export const absolutePath = text(/^\/[^\0]*$/, 'an absolute path');

/** The settings that a section may have, by key, and where each goes. */
export type Known<T> = Readonly<
  Record<string, (file: string, key: string, setting: Setting) => Partial<T>>
>;

/**
 * Reads a section by its table of settings.
 * @param isOurs whether a key that is not in it is a mistake, or another program's
 * @throws `device.config`
 */
export function settingsOf<T>(
  file: string,
  name: string,
  section: Section,
  known: Known<T>,
  isOurs = true,
): Partial<T> {
  let all: Partial<T> = {};
  for (const [key, setting] of section) {
    const read = Object.hasOwn(known, key) ? known[key] : undefined;
    if (read !== undefined) all = { ...all, ...read(file, key, setting) };
    else if (isOurs)
      throw invalid(
        file,
        setting.line,
        `there is no setting ${key} in [${name}]`,
        `There are ${Object.keys(known).join(', ')}.`,
      );
  }
  return all;
}

/** The line that a section's first setting stands in, for what is missing there. */
export function firstLine(section: Section): number {
  return Math.min(...[...section.values()].map(({ line }) => line), Number.MAX_SAFE_INTEGER);
}
