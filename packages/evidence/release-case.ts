import { HalliganError, ID } from '@halligan/format';
import { mayRelease, type Refusal, type Release, type Watched, watch } from '@halligan/procedure';
import { z } from 'zod';
import { JudgedBefore } from './judged-before.ts';
import { type DevicePins, type ProvenState, proveState } from './proven-state.ts';
import { streamsOf } from './transcript.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const releaseCaseSchema = z.strictObject({
  v: z.literal('halligan/release-case/v1'),
  emergency: digest,
  account: z.string().regex(ID),
  /** Digest of the open.request statement. */
  request: digest,
  view: z.unknown(),
});

/** What the releaser gets before it releases its share: one bundle, with the whole record that it rests on. */
export type ReleaseCaseBundle = z.infer<typeof releaseCaseSchema>;

/** A verified case: the state it proves and the answer of the rules. */
export interface JudgedCase extends ProvenState {
  readonly bundle: ReleaseCaseBundle;
  readonly answer: Release | { readonly refusal: Refusal };
  /** To be remembered, with the checkpoint. */
  readonly watched: Watched;
}

/**
 * Verifies a release case and asks the rules: the same that people's devices ask of a state that they proved.
 * @param now the device's own clock: a server cannot stretch the window
 * @param before what this process judged of the record already
 * @throws as {@link proveState}; a refusal of the rules is a value
 */
export async function judgeReleaseCase(
  json: unknown,
  pins: DevicePins & { readonly holder: string },
  now: string,
  before = new JudgedBefore(),
): Promise<JudgedCase> {
  const parsed = releaseCaseSchema.safeParse(json);
  if (!parsed.success) {
    throw new HalliganError('evidence.case', 'This is not a release case.', 'Fetch it again.');
  }
  const bundle = parsed.data;
  const proven = await proveState(
    bundle.view,
    pins,
    streamsOf(bundle.emergency, bundle.account),
    before,
  );
  const watched = watch(proven.state, pins.watched, now);
  const answer = mayRelease({ ...bundle, state: proven.state }, { ...pins, watched }, now);
  return { ...proven, bundle, watched, answer };
}
