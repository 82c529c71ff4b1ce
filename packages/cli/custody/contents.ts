import { HalliganError } from '@halligan/format';
import type { Content } from '@halligan/procedure';
import type { PersonHome } from '../person-home.ts';
import { confirmedAt } from './confirmation.ts';

/** Which envelope it is for, and of which version. */
export interface For {
  readonly serial: string;
  readonly account: string;
  readonly version: number;
}

/**
 * What lies in an envelope, as a person says it: `credential`, `share:offline/keyholders`, `recovery-codes`, `pin:KEY`,
 * `hardware-key:KEY`. Words that nobody read back from the paper are not sealed: in the emergency it is too late.
 * @throws `cli.usage`, `cli.unconfirmed`
 */
export async function contentOf(home: PersonHome, text: string, envelope: For): Promise<Content> {
  if (text === 'credential' || text === 'recovery-codes') return { what: text };
  const [, what, key] = /^(pin|hardware-key):(.+)$/.exec(text) ?? [];
  if ((what === 'pin' || what === 'hardware-key') && key !== undefined) return { what, key };
  const [, path, group] = /^share:([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(text) ?? [];
  if (path === undefined || group === undefined)
    throw new HalliganError(
      'cli.usage',
      `“${text}” is nothing that lies in an envelope.`,
      'Write credential, share:PATH/GROUP, recovery-codes, pin:KEY or hardware-key:KEY.',
    );
  const holder = home.facts.person;
  const confirmed = await confirmedAt(home, { ...envelope, path, group, holder });
  return { what: 'share', path, group, holder, confirmed };
}
