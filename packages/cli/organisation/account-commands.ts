import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { Command } from 'commander';
import { z } from 'zod';
import { byHandCommands } from '../by-hand/commands.ts';
import { suspicionCommands } from '../by-hand/suspicion-commands.ts';
import { type Context, show } from '../commands.ts';
import { fetchFileOfAccount } from '../emergency/fetch-file.ts';
import { accountEntryCommands } from './account-entry-commands.ts';

/** `halligan account …`: emergency accounts. */
export function accountCommands(context: Context): Command {
  const account = new Command('account').description('emergency accounts');
  account
    .command('list')
    .description('emergency accounts, and how each stands')
    .action(async () => {
      const device = await context.device();
      await device.signIn();
      const { accounts } = z
        .object({
          accounts: z.array(
            z.looseObject({
              id: z.string(),
              system: z.string(),
              state: z.string(),
              current: z.int(),
            }),
          ),
        })
        .parse(await device.api.get('/v1/accounts'));
      show(
        context.terminal,
        { accounts },
        accounts.length === 0
          ? ['No accounts.']
          : accounts.map(
              (one) =>
                `${one.id.padEnd(24)} ${one.system.padEnd(20)} ${one.state.padEnd(8)} version ${one.current}`,
            ),
      );
    });
  account
    .command('add')
    .description('add an emergency account of a system, bound to no person')
    .argument('<id>', 'its id')
    .requiredOption('--system <id>', 'the system that it signs in to')
    .requiredOption('--name <name>', 'as the system knows it')
    .requiredOption('--privilege <level>', 'what it may do there')
    .requiredOption('--justification <text>', 'why it needs this privilege')
    .requiredOption('--quorum <tier>', 'which of the policy’s tiers opens it')
    .action(
      async (
        id: string,
        asked: {
          system: string;
          name: string;
          privilege: string;
          justification: string;
          quorum: string;
        },
      ) => {
        const device = await context.device();
        const proven = await device.prove();
        const document = { v: 'halligan/inventory/v1', add: 'account', id, ...asked } as const;
        await device.say(
          proven,
          'attest',
          {
            subject: subjectOf('account', id),
            purpose: 'real',
            what: 'inventory',
            digest: digestOf(document),
          },
          { document },
        );
        show(context.terminal, { account: id }, [
          `Added ${id}. Its credential is being sealed, set and proven: halligan account list.`,
        ]);
      },
    );
  account
    .command('rotate')
    .description('rotate a credential now: an exposed one, or one that failed')
    .argument('<id>', 'its id')
    .action(async (id: string) => {
      const device = await context.device();
      await device.signIn();
      await device.api.post(`/v1/accounts/${id}/rotate`);
      show(context.terminal, { account: id }, [`${id} is being rotated: halligan account list.`]);
    });
  account
    .command('await-armed')
    .description('wait until an account is armed')
    .argument('<id>', 'its id')
    .action(async (id: string) => {
      const device = await context.device();
      const version = await device.until(async () => {
        const one = (await device.prove({ account: id })).state.accounts[id];
        return one?.state === 'armed' ? one.current : undefined;
      }, 120_000);
      show(context.terminal, { account: id, version }, [
        `${id} is armed: version ${version} is sealed, kitted, set and proven.`,
      ]);
    });
  account
    .command('file')
    .description('as auditor, security or custodian: fetch a photograph or text about an account')
    .argument('<id>', 'its id')
    .argument('<digest>', 'the file’s digest, or the beginning of it')
    .requiredOption('--out <file>', 'where to write it')
    .option('--plain', 'in its plain form: SHA-256 of that is the digest', false)
    .action(
      async (id: string, beginning: string, { out, plain }: { out: string; plain: boolean }) => {
        const device = await context.device();
        const { groups } = await device.prove({ account: id });
        const file = await fetchFileOfAccount(device, id, groups, beginning);
        await context.writeFile(out, plain ? file.plain : file.bytes);
        const { digest, mediaType } = file;
        show(context.terminal, { file: out, digest, mediaType }, [
          `Written: ${out}, ${mediaType}, as it was signed for. Open it with care: others sent it.`,
        ]);
      },
    );
  for (const command of [
    ...byHandCommands(context),
    ...suspicionCommands(context),
    ...accountEntryCommands(context),
  ])
    account.addCommand(command);
  return account;
}
