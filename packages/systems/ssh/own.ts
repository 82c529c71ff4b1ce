import { HalliganError } from '@halligan/format';
import { certifies, runCertified } from './certified.ts';
import type { SshConfig } from './config.ts';
import { constraint, requireDone, withoutHelper } from './halligan-account.ts';
import { connectSsh, REFUSED, type SshLine } from './line.ts';
import { signInWith } from './sign-in.ts';

/** passwd(1) asks for the present password, then twice for the new one. Nobody but the account takes part. */
export async function changeOwnPassword(
  config: SshConfig,
  account: string,
  fresh: Uint8Array,
  old: Uint8Array,
): Promise<void> {
  await asAccount(config, account, old, async (line) => {
    const { exit } = await line.converse('LC_ALL=C passwd', [old, fresh, fresh]);
    if (exit !== 0) throw constraint();
  });
}

/** The account puts its new key in the place of the one that it is signed in with. @param does as the helper is asked */
export async function changeOwnKey(
  config: SshConfig,
  account: string,
  does: string,
  old: Uint8Array,
): Promise<void> {
  if (!certifies(config, old))
    return asAccount(config, account, old, async (line) =>
      requireDone(await line.run(withoutHelper(does))),
    );
  const ran = await runCertified(config, account, old, withoutHelper(does));
  if (ran === REFUSED) throw oldRejected();
  requireDone(ran);
}

/** @throws `systems.old-rejected` */
async function asAccount(
  config: SshConfig,
  account: string,
  old: Uint8Array,
  work: (line: SshLine) => Promise<void>,
): Promise<void> {
  const line = await connectSsh(config, account, signInWith(old));
  if (line === REFUSED) throw oldRejected();
  try {
    await work(line);
  } finally {
    line.end();
  }
}

function oldRejected(): HalliganError {
  return new HalliganError(
    'systems.old-rejected',
    'The host does not accept what the account should have signed in with, so it cannot change itself.',
    'Look at the account at the host’s console; set it by hand if need be.',
  );
}
