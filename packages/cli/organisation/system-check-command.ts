import { utf8Text } from '@halligan/format';
import { checkAccount, type Driver, openDriver, parseSystemConfig } from '@halligan/systems';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { type Check, checkLines, failed, ok } from '../doctor/check.ts';
import { EXIT } from '../exit-codes.ts';
import { jsonOf } from '../person-home.ts';
import { driverSecret } from './driver-secret.ts';

interface Asked {
  readonly driverConfig: string;
  readonly driverSecretFile?: string;
  readonly account: readonly string[];
}

/**
 * `halligan system check`: would the rotator manage with these settings? Run by an admin before they are signed for, and
 * whenever something was changed on the system. It asks the system from this machine, tries no account's password and
 * changes nothing.
 * @param exits 1 where anything fails
 */
export function systemCheckCommand(context: Context, exits: (code: number) => void): Command {
  return new Command('check')
    .description('what a system and its accounts lack: rights, expiry, lockout, TLS')
    .requiredOption('--driver-config <file>', 'JSON; see docs/systems')
    .option('--driver-secret-file <file>', 'the rotator’s own credential; it stays here')
    .requiredOption('--account <names...>', 'the accounts, as the system calls them')
    .action(async ({ driverConfig, driverSecretFile, account }: Asked) => {
      const config = parseSystemConfig(jsonOf(utf8Text(await context.readFile(driverConfig))));
      const secret =
        driverSecretFile === undefined
          ? undefined
          : driverSecret(await context.readFile(driverSecretFile));
      const driver = openDriver(config, secret);
      try {
        const checks: Check[] = [];
        for (const name of account) checks.push(...(await checksOf(driver, name)));
        const ill = checks.some(({ level }) => level === 'fail');
        show(context.terminal, { ok: !ill, checks }, checkLines(checks));
        if (ill) exits(EXIT.failed);
      } finally {
        secret?.fill(0);
        await driver.close();
      }
    });
}

async function checksOf(driver: Driver, name: string): Promise<readonly Check[]> {
  try {
    const found = await checkAccount(driver, name);
    if (found.length === 0) return [ok(name, 'Nothing is missing that the system tells of.')];
    return found.map((shortcoming) => ({ check: name, ...shortcoming }));
  } catch (error) {
    return [failed(name, error)];
  }
}
