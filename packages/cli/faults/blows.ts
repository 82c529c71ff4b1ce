import { setTimeout as pause } from 'node:timers/promises';
import type { BadLine } from './bad-line.ts';
import { LIES, type LyingLine } from './lying-line.ts';
import type { Chances } from './seeded.ts';
import type { Trouble, Troubles } from './troubles.fixture.ts';

const OF_PROCESSES = ['server', 'rotator'] as const;
const OF_THE_NETWORK = ['cut', 'cut-answer', 'silence', 'half-open', 'slow', 'garbage'] as const;
const OF_ITS_RULES = ['refusal', 'lock'] as const;

/** What can happen in the middle of a rotation. */
export const BLOWS = [...OF_PROCESSES, ...OF_THE_NETWORK, ...OF_ITS_RULES, 'lie'] as const;
export type Blow = (typeof BLOWS)[number];

/** What blows fall upon. */
export interface Battlefield {
  readonly line: BadLine | undefined;
  readonly liar: LyingLine | undefined;
  readonly troubles: Troubles | undefined;
  /** A sign-in with a password that is nobody's. */
  readonly tryWrongly: () => Promise<void>;
  readonly killServer: () => Promise<void>;
  readonly killRotators: () => void;
}

/** A blow that was drawn, to be struck at its moment and undone when all is over. */
export interface Drawn {
  readonly blow: Blow;
  /** The blow, and what is particular about it. */
  readonly name: string;
  /** Part of a calm rotation after which it falls; `undefined`: before it begins. */
  readonly moment: number | undefined;
  readonly strike: () => Promise<void>;
  readonly undo: () => Promise<void>;
}

/** Bytes of answers in which a line breaks: about as many as a rotation hears. */
const ANSWERS = 6000;
/** Milliseconds that a slow line adds to every piece, at most: less than the drivers wait. */
const SLOWEST = 900;

export function drawBlow(field: Battlefield, chances: Chances): Drawn {
  const possible: [Blow, ...Blow[]] = [
    ...OF_PROCESSES,
    ...(field.line === undefined ? [] : OF_THE_NETWORK),
    ...(field.troubles === undefined ? [] : OF_ITS_RULES),
    ...(field.liar === undefined ? [] : (['lie'] as const)),
  ];
  const blow = chances.one(possible, 'blow');
  const { particular, mustBeEarly, strike, undo } = actOf(blow, field, chances);
  const isEarly = mustBeEarly === true || (mayBeEarly(blow) && chances.part('early') < 0.5);
  return {
    blow,
    name: particular === undefined ? blow : `${blow}: ${particular}`,
    moment: isEarly ? undefined : chances.part('moment'),
    strike,
    undo: undo ?? (async () => field.line?.mend()),
  };
}

function mayBeEarly(blow: Blow): boolean {
  return blow === 'slow' || blow === 'refusal' || blow === 'lock';
}

interface Act {
  readonly particular?: string;
  /** Whether it lies in wait: it is set before the rotation begins, and falls by itself. */
  readonly mustBeEarly?: true;
  readonly strike: () => Promise<void>;
  readonly undo?: () => Promise<void>;
}

function actOf(blow: Blow, field: Battlefield, chances: Chances): Act {
  const { line, liar, troubles } = field;
  switch (blow) {
    case 'server':
      return { strike: field.killServer };
    case 'rotator':
      return { strike: async () => field.killRotators() };
    case 'cut':
      return { strike: async () => line?.cut() };
    case 'silence':
      return { strike: async () => line?.silence() };
    case 'half-open':
      return { strike: async () => line?.halfOpen() };
    case 'cut-answer':
    case 'garbage': {
      const bytes = chances.below(ANSWERS, 'bytes');
      return {
        particular: `after ${bytes} bytes`,
        mustBeEarly: true,
        strike: async () =>
          blow === 'garbage' ? line?.garbageAfter(bytes) : line?.cutAfter(bytes),
      };
    }
    case 'slow': {
      const delay = 1 + chances.below(SLOWEST, 'delay');
      return {
        particular: `${delay} ms`,
        strike: async () => line?.slow(delay),
        undo: async () => {
          line?.mend();
          // What was under way when the rotator gave up arrives, late.
          await pause(2 * delay);
        },
      };
    }
    case 'refusal':
      return refusalOf(troubles, chances);
    case 'lock':
      return {
        strike: async () => lock(field),
        undo: async () => troubles?.unlock(),
      };
    case 'lie': {
      const lie = chances.one(LIES, 'lie');
      return {
        particular: lie,
        mustBeEarly: true,
        strike: async () => {
          if (liar === undefined) return;
          liar.tell(lie);
          line?.lead(liar.port);
        },
      };
    }
  }
}

function refusalOf(troubles: Troubles | undefined, chances: Chances): Act {
  const none: Trouble = { name: 'none', begin: () => undefined, end: () => undefined };
  const refusal = chances.one(troubles?.refusals ?? [none], 'refusal');
  return {
    particular: refusal.name,
    strike: async () => refusal.begin(),
    undo: async () => refusal.end(),
  };
}

async function lock({ troubles, tryWrongly }: Battlefield): Promise<void> {
  troubles?.lock?.();
  for (let tries = troubles?.wrongTries ?? 0; tries > 0; tries -= 1) await tryWrongly();
}
