import type { ProvenState } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import type { Emergency } from '@halligan/procedure';
import { z } from 'zod';
import { type Device, emergencyIn } from '../device.ts';

const listSchema = z.object({
  emergencies: z.array(
    z.looseObject({ id: z.string(), account: z.string(), closed: z.string().optional() }),
  ),
});

/** An emergency as the person names it: the beginning of its id, or nothing where only one is open. */
export async function findEmergency(
  device: Device,
  prefix: string | undefined,
): Promise<{ readonly id: string; readonly account: string }> {
  const known = prefix === undefined ? undefined : device.accountOf(prefix);
  if (prefix !== undefined && known !== undefined) return { id: prefix, account: known };
  await device.signIn();
  const { emergencies } = listSchema.parse(await device.api.get('/v1/emergencies'));
  const matching = emergencies.filter(({ id, closed }) =>
    prefix === undefined ? closed === undefined : id.startsWith(prefix),
  );
  const [found, ...others] = matching;
  if (found === undefined)
    throw new HalliganError(
      'server.emergency',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  if (others.length > 0)
    throw new HalliganError(
      'cli.which',
      'More than one emergency fits.',
      `Name one: ${matching.map(({ id }) => id.slice(0, 12)).join(', ')}.`,
    );
  return found;
}

/** The emergency, proven on this device. */
export async function look(
  device: Device,
  prefix: string | undefined,
): Promise<{ readonly proven: ProvenState; readonly emergency: Emergency }> {
  const { id, account } = await findEmergency(device, prefix);
  const proven = await device.prove({ emergency: id, account });
  return { proven, emergency: emergencyIn(proven, id) };
}

/** What every statement about an emergency says: which one, and whether it is real. */
export function about(emergency: Emergency): {
  readonly subject: string;
  readonly purpose: 'real' | 'drill';
} {
  return { subject: emergency.id, purpose: emergency.drill ? 'drill' : 'real' };
}
