import { allEmergencies, type State, withEmergency } from '@halligan/procedure';
import { z } from 'zod';
import type { Device } from './device.ts';

/** The organisation with every account of it, proven here. */
export async function wholeState(device: Device): Promise<State> {
  const { state } = await device.prove();
  const { accounts } = z
    .object({ accounts: z.array(z.looseObject({ id: z.string() })) })
    .parse(await device.api.get('/v1/accounts'));
  let whole = state;
  for (const { id } of accounts) {
    const { state: one } = await device.prove({ account: id });
    whole = { ...whole, accounts: { ...whole.accounts, ...one.accounts } };
  }
  return whole;
}

/** As {@link wholeState}, with every emergency that is not closed. */
export async function wholeStateAndEmergencies(device: Device): Promise<State> {
  let whole = await wholeState(device);
  const { emergencies } = z
    .object({
      emergencies: z.array(
        z.looseObject({ id: z.string(), account: z.string(), closed: z.string().optional() }),
      ),
    })
    .parse(await device.api.get('/v1/emergencies'));
  for (const { id, account, closed } of emergencies) {
    if (closed !== undefined) continue;
    const { state } = await device.prove({ emergency: id, account });
    const register = allEmergencies(state).reduce(withEmergency, whole.emergencies);
    whole = { ...whole, emergencies: register };
  }
  return whole;
}
