import {
  type DevicePins,
  groupOf,
  type ProvenState,
  pinsAfter,
  proveState,
  transcriptOf,
} from '@halligan/evidence';
import { fromBase64, HalliganError, hex } from '@halligan/format';
import { linkDigest } from '@halligan/statement';
import { emptyRoot } from '@halligan/tlog';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { type Genesis, genesisFrom } from './genesis-signature.ts';

const answerSchema = z.object({
  view: z.looseObject({ transcript: z.unknown() }),
  settings: z.object({ organisation: z.string(), practice: z.boolean() }),
});

/** What a server shows to whoever wants to join: whole and consistent, but true only once its words were compared. */
export interface ShownGenesis {
  readonly link: Genesis;
  readonly digest: string;
  readonly pins: DevicePins;
  readonly proven: ProvenState;
  /** The server says that it is for practice. */
  readonly practice: boolean;
}

/**
 * Fetches the record of who people are, and proves that all of it follows from its genesis: the log's key and origin
 * are those that the genesis names, so that whoever compares the genesis by its words has compared everything.
 * @throws `cli.answer`, `cli.genesis`, `evidence.*`, `tlog.*`, `roster.*`, `statement.*`
 */
export async function fetchGenesis(api: Api): Promise<ShownGenesis> {
  const answer = answerSchema.safeParse(await api.get('/v1/genesis'));
  if (!answer.success) throw notAServer();
  const { view, settings } = answer.data;
  const [first] = transcriptOf(view.transcript).entries;
  if (first === undefined || first.index !== 0) throw notAServer();
  const { input } = groupOf(0, fromBase64(first.bytes));
  const link = genesisFrom(input.type === 'statements' ? input.document : null, 'The first entry');
  const digest = linkDigest(link);
  const { organisation, origin, logKey } = link.change;
  const seen = { size: 0, root: hex(emptyRoot()) };
  const pins = { organisation, origin, logKey, genesis: digest, seen };
  const proven = await proveState(view, pins, new Set(['organisation']));
  return {
    link,
    digest,
    pins: pinsAfter(pins, proven),
    proven,
    practice: settings.practice,
  };
}

function notAServer(): HalliganError {
  return new HalliganError(
    'cli.answer',
    'This server shows no organisation.',
    'Check the address; the server’s admins may not have finished halligan init.',
  );
}
