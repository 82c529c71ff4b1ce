import { z } from 'zod';
import { LOOKING } from '../looking.ts';

const rotate = z.strictObject({
  do: z.literal('rotate'),
  view: z.unknown(),
  account: z.string(),
  system: z.unknown(),
  secret: z.string().nullable(),
  surrendered: z.string().nullable(),
});
const prover = z.strictObject({
  do: z.literal('prover'),
  view: z.unknown(),
  account: z.string(),
  emergency: z.string(),
  version: z.int(),
});
const exercise = z.strictObject({
  do: z.literal('exercise'),
  view: z.unknown(),
  account: z.string(),
  emergency: z.string(),
  request: z.string(),
  wrapped: z.string(),
  seal: z.string(),
  system: z.unknown(),
  secret: z.string().nullable(),
  released: z.array(
    z.strictObject({
      path: z.string(),
      group: z.string(),
      holder: z.string(),
      ciphertext: z.string(),
    }),
  ),
});
const check = z.strictObject({
  do: z.literal('check'),
  view: z.unknown(),
  id: z.string(),
  accounts: z.array(z.string()),
  system: z.unknown(),
  secret: z.string().nullable(),
});
const go = z.strictObject({ do: z.literal('set'), view: z.unknown() });
/** What the server may ask of the rotator, a JSON line each. */
export const question = z.discriminatedUnion('do', [
  ...LOOKING,
  check,
  rotate,
  prover,
  exercise,
  go,
]);

export type RotateQuestion = z.infer<typeof rotate>;
export type ProverQuestion = z.infer<typeof prover>;
export type ExerciseQuestion = z.infer<typeof exercise>;
export type CheckQuestion = z.infer<typeof check>;
