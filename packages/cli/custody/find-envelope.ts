import type { ProvenState } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import type { Account, Envelope } from '@halligan/procedure';
import { z } from 'zod';
import type { Device } from '../device.ts';

const custodySchema = z.object({
  places: z.array(z.looseObject({ id: z.string() })),
  envelopes: z.array(
    z.object({
      serial: z.string(),
      account: z.string(),
      version: z.int(),
      state: z.string(),
      useful: z.boolean(),
      place: z.string(),
      contains: z.array(z.string()),
      inspected: z.string(),
    }),
  ),
  findings: z.array(
    z.looseObject({ id: z.string(), severity: z.string(), what: z.string(), fix: z.string() }),
  ),
});

/** What the server lists; what is signed rests on what this device proved. */
export async function listed(device: Device): Promise<z.infer<typeof custodySchema>> {
  await device.signIn();
  return custodySchema.parse(await device.api.get('/v1/custody'));
}

/** A serial as the record has it: people read `A-001` off the paper. */
export function serialOf(text: string): string {
  return text.trim().toLowerCase();
}

/** The envelope with a serial, proven on this device. @throws `cli.envelope` */
export async function findEnvelope(
  device: Device,
  serial: string,
): Promise<{
  readonly proven: ProvenState;
  readonly account: Account;
  readonly envelope: Envelope;
}> {
  const wanted = serialOf(serial);
  const found = (await listed(device)).envelopes.find((one) => one.serial === wanted);
  if (found === undefined) throw unknown(serial);
  const proven = await device.prove({ account: found.account });
  const account = proven.state.accounts[found.account];
  const envelope = account?.envelopes[wanted];
  if (account === undefined || envelope === undefined) throw unknown(serial);
  return { proven, account, envelope };
}

function unknown(serial: string): HalliganError {
  return new HalliganError(
    'cli.envelope',
    `There is no envelope “${serial}”.`,
    'See halligan envelope list.',
  );
}
