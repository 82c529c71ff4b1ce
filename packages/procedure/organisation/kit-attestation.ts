import { digestOf, type Json } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { z } from 'zod';
import { isAfter } from '../duration.ts';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { readDocument } from '../read-document.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** What a person's device saw of a kit: opened with its own key, replayed, and every seal held to the record. */
const document = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/kit-attestation/v1'),
    /** SHA-256 of the kit's file. */
    kit: digest,
    /** When it was written, and the size of the log that it holds. */
    created: z.iso.datetime(),
    size: z.int().min(1),
    /** Shares of the signer's own that opened and were the ones that were sealed. */
    shares: z.int().min(0).max(10_000),
  }),
);

export type KitAttestation = z.infer<typeof document>;

/** Reads what is attested of a kit. @throws `procedure.document` */
export function kitAttestationOf(json: unknown): KitAttestation {
  return readDocument(document, json, 'what is attested of a kit');
}

/** A person's device verified a copy of the kit. It says nothing of the copies that others hold. */
export function decideKitAttestation(
  state: State,
  said: Said<'attest'>,
  given: Json | undefined,
  now: string,
): Decision {
  const parsed = document.safeParse(given);
  if (!parsed.success || given === undefined || digestOf(given) !== said.statement.digest)
    return refuse(
      'kit.attestation',
      'What is attested does not fit what was signed.',
      'Verify the kit again: halligan kit verify KIT.',
    );
  const { kit, created, size, shares } = parsed.data;
  if (said.statement.subject !== subjectOf('kit', state.roster?.organisation ?? 'none'))
    return refuse(
      'kit.attestation',
      'This is not about a kit of this organisation.',
      'Verify your own organisation’s kit.',
    );
  if (!isPerson(state.roster, said.by))
    return refuse('kit.person', 'Only people attest kits.', 'Verify it with your own key.');
  if (isAfter(created, now) || size > said.statement.journal.size)
    return refuse(
      'kit.ahead',
      'This kit says that it was written later than now.',
      'Check the clocks; do not rely on this copy.',
    );
  const before = entryOf(state.kitAttestations ?? {}, said.by);
  if (before !== undefined && (before.kit === kit || before.size > size))
    return refuse(
      'kit.again',
      before.kit === kit
        ? 'You attested this very kit already.'
        : 'You attested a newer kit already: this copy is old.',
      before.kit === kit ? 'Nothing more is needed.' : 'Replace this copy by the newest kit.',
    );
  return { events: [happened('KitAttested', { by: said.by, kit, created, size, shares })] };
}

/** When a person last attested a kit, and of which age it was; undefined where never. */
export function lastKitAttestation(
  state: State,
  person: string,
): { readonly at: string; readonly created: string; readonly kit: string } | undefined {
  return entryOf(state.kitAttestations ?? {}, person);
}
