import { hiddenCharacter } from '@halligan/format';
import type { Report } from '@halligan/reports';
import type { Reading } from '../clock/device-time.ts';
import type { Happening } from './happening.ts';

/** Whom a report names who is not known on this machine: people type passwords where a name belongs. */
export const UNKNOWN = '?';

/**
 * What happened as the report that goes on the record (docs/formats/machine-reports.md). Nothing that somebody typed
 * gets in as it is: names of people who are known here, and short codes.
 * @param isKnown whether a name is one of somebody who has signed in here online
 */
export function reportOf(
  happening: Happening,
  { wall, boot, uptime }: Reading,
  isKnown: (name: string) => boolean,
): Report {
  const common = {
    v: 'halligan/report/v1' as const,
    at: instant(wall),
    ...(UUID.test(boot) ? { boot } : {}),
    up: Math.max(0, Math.floor(uptime * 1000)),
  };
  switch (happening.type) {
    case 'sign-in': {
      const { name, service, from, outcome, method = 'password', why = '' } = happening;
      const who = { user: isKnown(name) ? nameOf(name) : UNKNOWN, service: nameOf(service) };
      return outcome === 'refused'
        ? { ...common, ...who, kind: 'refusal', why: codeOf(why), more: { from } }
        : { ...common, ...who, kind: 'sign-in', method, more: { from, by: byOf(outcome) } };
    }
    case 'window-opened': {
      const { by, why, endsAt } = happening;
      const until = instant(endsAt);
      return { ...common, kind: 'window-opened', by: nameOf(by), until, why: codeOf(why) };
    }
    case 'window-ended':
      return { ...common, kind: 'window-ended', why: codeOf(happening.why) };
    case 'locked-out': {
      const { name, from, until } = happening;
      const who = name === undefined ? {} : { user: nameOf(name) };
      return { ...common, ...who, kind: 'lockout', until: instant(until), more: { from } };
    }
    case 'changed':
      return {
        ...common,
        ...{ kind: 'changed', user: nameOf(happening.name), what: codeOf(happening.what) },
      };
    case 'started': {
      const { version, more } = happening;
      return { ...common, kind: 'started', version, ...(more === undefined ? {} : { more }) };
    }
    case 'stopped':
      return { ...common, kind: 'stopped' };
    case 'gap':
      return { ...common, kind: 'gap', lost: happening.lost, why: codeOf(happening.why) };
  }
}

/** A text as a code: `provider-back`, `the-idp-is-down`; `none` where nothing of it is left. */
export function codeOf(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .slice(0, 63)
    .replace(/^[-.]+|[-.]+$/g, '');
  return words === '' ? 'none' : words;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function byOf(outcome: string): string {
  return codeOf(outcome.replace(/^let in by the /, ''));
}

function nameOf(name: string): string {
  const fits =
    name.length >= 1 &&
    name.length <= 128 &&
    hiddenCharacter(name) === undefined &&
    !/\s/.test(name);
  return fits ? name : UNKNOWN;
}

function instant(seconds: number): string {
  return new Date(Math.round(seconds * 1000)).toISOString();
}
