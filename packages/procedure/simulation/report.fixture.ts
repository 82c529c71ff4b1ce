import { PROMISES } from '../practice/invariants.fixture.ts';
import { ATTACKS } from './attacks.fixture.ts';
import type { Tally } from './tally.fixture.ts';
import { WAYS } from './ways.fixture.ts';

const OUTCOMES = ['accepted', 'refused', 'unbelieved'] as const;

/** Tables of what a simulation did: each act, each attack, each way, each promise. */
export function linesOf(tally: Tally): readonly string[] {
  const acts = new Set(tally.under('said:').map(([name]) => name.split(':')[0] ?? ''));
  return [
    'events',
    ...tally.under('event:').map(([name, times]) => line([times], name)),
    '',
    `${heads(OUTCOMES)}  act`,
    ...[...acts].sort().map((act) =>
      line(
        OUTCOMES.map((one) => tally.of(`said:${act}:${one}`)),
        act,
      ),
    ),
    '',
    `${heads(OUTCOMES)}  attack`,
    ...Object.keys(ATTACKS).map((name) =>
      line(
        OUTCOMES.map((one) => tally.of(`attack:${name}:${one}`)),
        name,
      ),
    ),
    '',
    `${heads(['times'])}  way`,
    ...WAYS.map((name) => line([tally.of(`way:${name}`)], name)),
    '',
    `${heads(['tested'])}  promise`,
    ...PROMISES.map((name) => line([tally.of(`promise:${name}`)], name)),
    '',
    'most refused by',
    ...tally
      .under('refused:')
      .slice(0, 20)
      .map(([rule, times]) => line([times], rule)),
    '',
  ];
}

function heads(names: readonly string[]): string {
  return names.map((name) => name.padStart(10)).join('');
}

function line(counts: readonly number[], name: string): string {
  return `${counts.map((count) => String(count).padStart(10)).join('')}  ${name}`;
}
