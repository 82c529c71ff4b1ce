import { HalliganError } from '@halligan/format';
import type { Store } from '../store/store.ts';
import type { Tpm } from './tpm.ts';

const NAME = 'tpm-counter';

/**
 * Binds what is remembered to the TPM's counter, which goes on at every start of the agent: a state that was copied
 * away and put back, to guess again or to undo that an account was disabled, is older than the counter.
 * @throws `device.restored` where it is; `device.tpm`, `device.store`
 */
export async function requireLatest(
  store: Store,
  { counter, increment }: Pick<Tpm, 'counter' | 'increment'>,
): Promise<void> {
  const now = await counter();
  const kept = store.get(NAME);
  const isNew = kept === undefined && store.names('').length === 0;
  // One that has no number, and is not empty, was written before the key was: it is not of this machine.
  if (!isNew && !(kept !== undefined && /^\d{1,15}$/.test(kept) && Number(kept) >= now))
    throw new HalliganError(
      'device.restored',
      'What this machine remembers is older than its TPM knows: it was put back from a copy.',
      'Find out who put it back. Then move device.db away: people sign in online once more.',
    );
  // Written first: a blow between the two leaves a state that is ahead, which no copy ever is.
  store.put({ [NAME]: String(now + 1) });
  await increment();
}
