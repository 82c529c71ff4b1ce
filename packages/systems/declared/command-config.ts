import { z } from 'zod';
import { hasRotation } from './http-config.ts';
import { answers, INSPECT_MEANINGS, PROVE_MEANINGS, SET_MEANINGS } from './outcome.ts';
import { type Field, template } from './template.ts';
import { Telling } from './told.ts';

function program(secrets: readonly Exclude<Field, 'account'>[]) {
  return z
    .strictObject({
      /** An absolute path. No shell reads it, nor the arguments. */
      program: z.string().regex(/^\/[\x21-\x7e]{1,500}$/),
      /** Each is one argument; no secret ever is in one. */
      arguments: z
        .array(template(['account'], 500))
        .max(64)
        .default([])
        .readonly(),
      /** What is written to standard input; `{account}:{password}` for example. */
      input: template(['account', ...secrets]).exactOptional(),
      /** Secrets on file descriptors 3, 4, …, in this order, each without a newline and ended. */
      descriptors: z
        .array(z.enum(secrets as [string, ...string[]]))
        .max(3)
        .default([])
        .readonly(),
    })
    .readonly();
}

/** An answer: one of these exit codes and, where it is said, this text in the standard output. */
const criteria = {
  exit: z.array(z.int().min(0).max(255)).min(1).max(32).readonly(),
  prints: z.string().min(1).max(200).exactOptional(),
};

/** A system that programs of the organisation's own reach; the rotator runs them on the server's machine. */
export const CommandConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('command'),
      /** `self`: the account changes its own password, and `set` is handed `old` instead of `credential`. */
      rotation: z.enum(['standing', 'self']).default('standing'),
      inspect: z
        .strictObject({
          run: program(['credential']),
          answers: answers(INSPECT_MEANINGS, 'exists', criteria),
          /** Where the JSON that it prints tells what. */
          tells: Telling.default({}),
        })
        .readonly()
        .exactOptional(),
      set: z
        .strictObject({
          run: program(['password', 'old', 'credential']),
          answers: answers(SET_MEANINGS, 'done', criteria),
        })
        .readonly(),
      prove: z
        .strictObject({
          run: program(['password']),
          answers: answers(PROVE_MEANINGS, 'accepted', criteria).refine((rows) =>
            rows.some(({ means }) => means === 'rejected'),
          ),
        })
        .readonly(),
      /** Milliseconds for each program. */
      timeout: z.int().min(100).max(120_000).default(15_000),
    })
    .refine((config) => hasRotation(handed(config)), {
      path: ['rotation'],
      message: 'self is handed old, standing is not',
    })
    .readonly(),
);

export type CommandConfig = z.infer<typeof CommandConfig>;
export type CommandRun = CommandConfig['set']['run'];

/** Descriptors as the places they stand for. */
function handed<S extends { run: { descriptors: readonly string[] } }>(config: {
  readonly rotation: 'standing' | 'self';
  readonly set: S;
  readonly inspect?: S | { run: { descriptors: readonly string[] } };
}) {
  const places = (step: { run: { descriptors: readonly string[] } } | undefined) =>
    step === undefined ? null : [step, step.run.descriptors.map((field) => `{${field}}`)];
  return { rotation: config.rotation, set: places(config.set), inspect: places(config.inspect) };
}
