import { HalliganError, type Json } from '@halligan/format';
import { z } from 'zod';
import type { ProvenRecord } from './proven-record.ts';

const streams = z.array(z.string());
const seen = z.strictObject({ do: z.literal('seen'), streams });
const watch = z.strictObject({ do: z.literal('watch'), view: z.unknown(), streams });

/** What the server may ask of any of its programs: how far it has seen the record, and to look at it as it is now. */
export const LOOKING = [seen, watch] as const;

export type LookingQuestion = z.infer<(typeof LOOKING)[number]>;

/**
 * Answers it. Who looks sees what waits, too, so that its 48 hours are counted from then and not from the next emergency.
 * @throws what `proveState` throws
 */
export async function look(record: ProvenRecord, asked: LookingQuestion): Promise<Json> {
  const about = new Set(asked.streams);
  if (asked.do === 'seen') return { ...record.seen(about) };
  await record.prove(asked.view, about);
  return {};
}

export function unknownQuestion(program: 'releaser' | 'rotator'): HalliganError {
  return new HalliganError(
    'server.question',
    `The ${program} was asked something that it does not know.`,
    `Server and ${program} are of different versions.`,
  );
}
