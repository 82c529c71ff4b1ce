import { HalliganError, utf8Text, visible } from '@halligan/format';
import { type AccountCheck, checkAccounts, openDriver, readSystemConfig } from '@halligan/systems';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { type Check, checkLines, ok } from '../doctor/check.ts';
import { EXIT } from '../exit-codes.ts';
import { driverSecret } from './driver-secret.ts';

interface Asked {
  readonly driverConfig?: string;
  readonly driverSecretFile?: string;
  readonly account?: readonly string[];
}

const answered = z.object({
  accounts: z.array(
    z.object({
      account: z.string(),
      shortcomings: z.array(
        z.object({ level: z.enum(['fail', 'warn']), found: z.string(), fix: z.string() }),
      ),
    }),
  ),
});

/**
 * `halligan system check`: would the rotator manage? Before settings are signed for, this machine asks the system with
 * them; of a system that was added, the server's rotator does. No account's password is tried and nothing is changed.
 * @param exits 1 where anything fails
 */
export function systemCheckCommand(context: Context, exits: (code: number) => void): Command {
  return new Command('check')
    .description('what a system and its accounts lack: rights, expiry, lockout, TLS')
    .argument('[id]', 'its id, once it was added: its rotator looks')
    .option('--driver-config <file>', 'instead: settings to try from here; see docs/systems')
    .option('--driver-secret-file <file>', 'the rotator’s own credential; it stays here')
    .option('--account <names...>', 'the accounts, as the system calls them')
    .action(async (id: string | undefined, asked: Asked) => {
      const found =
        id === undefined ? await askHere(context, asked) : await askRotator(context, id);
      const checks = found.flatMap(checksOf);
      const ill = checks.some(({ level }) => level === 'fail');
      show(context.terminal, { ok: !ill, checks }, checkLines(checks));
      if (ill) exits(EXIT.failed);
    });
}

async function askRotator(context: Context, id: string): Promise<readonly AccountCheck[]> {
  const device = await context.device();
  await device.prove();
  const answer = await device.api.post(`/v1/systems/${encodeURIComponent(id)}/check`);
  const { accounts } = answered.parse(answer);
  if (accounts.length > 0) return accounts;
  throw new HalliganError(
    'cli.no-accounts',
    'The inventory has no account on this system.',
    'Add one, or look before: --driver-config FILE --account NAME.',
  );
}

/** @throws `cli.usage` */
async function askHere(context: Context, asked: Asked): Promise<readonly AccountCheck[]> {
  const { driverConfig, driverSecretFile, account = [] } = asked;
  if (driverConfig === undefined || account.length === 0)
    throw new HalliganError(
      'cli.usage',
      'This needs the id of a system, or --driver-config and --account.',
      'See halligan system check --help.',
    );
  const config = readSystemConfig(utf8Text(await context.readFile(driverConfig)));
  const secret =
    driverSecretFile === undefined
      ? undefined
      : driverSecret(await context.readFile(driverSecretFile));
  const driver = await openDriver(config, secret, { runsPrograms: true });
  try {
    return await checkAccounts(driver, account);
  } finally {
    secret?.fill(0);
    await driver.close();
  }
}

/** What a server relays is text of another: shown, never obeyed. */
function checksOf({ account, shortcomings }: AccountCheck): readonly Check[] {
  const check = visible(account);
  if (shortcomings.length === 0) return [ok(check, 'Nothing is missing that the system tells of.')];
  return shortcomings.map(({ level, found, fix }) => ({
    check,
    level,
    found: visible(found),
    fix: visible(fix),
  }));
}
