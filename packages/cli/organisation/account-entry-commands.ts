import type { ProvenState } from '@halligan/evidence';
import { digestOf, HalliganError, utf8Text, visible } from '@halligan/format';
import { type Account, findAccounts, modelOfKey } from '@halligan/procedure';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { jsonOf } from '../person-home.ts';
import { putEntry } from './entry.ts';
import { signProposal } from './proposal.ts';
import { plainJson } from './signed-entry.ts';

/** `halligan account show | find | change | retire | sign`: the inventory's word on accounts. */
export function accountEntryCommands(context: Context): readonly Command[] {
  const showing = new Command('show')
    .description('an account: how to sign in, its keys, what else is known')
    .argument('<id>', 'its id')
    .action(async (id: string) => {
      const account = accountIn(await (await context.device()).prove({ account: id }), id);
      show(
        context.terminal,
        { account: { ...account.document, state: account.state } },
        linesOf(account),
      );
    });
  const find = new Command('find')
    .description(
      'which account? by what you see, leaving out what does not work without a dead system',
    )
    .argument('[words...]', 'looked for in names, purposes and symptoms')
    .option('--without <systems...>', 'systems that are down', [])
    .action(async (words: readonly string[], asked: { without: readonly string[] }) => {
      const found = await search(context, words, asked.without);
      show(
        context.terminal,
        { found },
        found.length === 0
          ? ['None fits. See halligan system list, or ask a system owner.']
          : found.map((one) => `${one.account.padEnd(24)} ${one.system.padEnd(20)} ${one.state}`),
      );
    });
  const change = new Command('change')
    .description('change what the inventory says of an account')
    .argument('<id>', 'its id')
    .option('--kind <kind>', 'cloud-only, on-premises or local')
    .option('--sign-in <address>', 'the address that is typed')
    .option('--pin-copy <place>', 'where the PIN lies on paper')
    .option('--privilege <level>', 'two admins sign it: --proposal')
    .option('--justification <text>', 'why it needs this privilege')
    .option(
      '--details <file>',
      'JSON with keys, second_methods, exclusions; see docs/formats/inventory.md',
    )
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action((id: string, asked: Changes) => changeAccount(context, id, asked));
  const retire = new Command('retire')
    .description('retire an account; another admin signs it')
    .argument('<id>', 'its id')
    .requiredOption('--reason <text>', 'why, in your own words')
    .requiredOption('--proposal <file>', 'write it for another admin to sign')
    .action(async (id: string, asked: { reason: string; proposal: string }) => {
      const proven = await (await context.device()).prove({ account: id });
      const { reason, proposal } = asked;
      const entry = { v: 'halligan/inventory/v1', add: 'retirement', of: 'account', id, reason };
      await putEntry(context, proven, entry, { proposal, done: '' });
    });
  const sign = new Command('sign')
    .description('sign another admin’s change of the inventory and send it')
    .argument('<file>', 'the other admin’s proposal, as a file')
    .action((path: string) => signProposal(context, path));
  return [showing, find, change, retire, sign];
}

interface Changes {
  readonly kind?: string;
  readonly signIn?: string;
  readonly pinCopy?: string;
  readonly privilege?: string;
  readonly justification?: string;
  readonly details?: string;
  readonly proposal?: string;
}

/** What `--details` may give: the members that have parts. */
const detailsSchema = z.strictObject({
  keys: z.json().optional(),
  second_methods: z.json().optional(),
  exclusions: z.json().optional(),
  passkey_only: z.boolean().optional(),
});

async function changeAccount(context: Context, id: string, asked: Changes): Promise<void> {
  const { signIn, pinCopy, details, proposal, ...plain } = asked;
  const proven = await (await context.device()).prove({ account: id });
  const { document } = accountIn(proven, id);
  const entry = {
    ...document,
    ...plain,
    ...(details === undefined ? {} : await detailsIn(context, details)),
    ...(signIn === undefined ? {} : { sign_in: signIn }),
    ...(pinCopy === undefined ? {} : { pin_copy: pinCopy }),
    previous: digestOf(plainJson(document)),
  };
  const done = `Changed ${id}. See halligan account show ${id}.`;
  await putEntry(context, proven, entry, { proposal, done });
}

/** @throws `cli.details` */
async function detailsIn(context: Context, path: string): Promise<z.infer<typeof detailsSchema>> {
  const parsed = detailsSchema.safeParse(jsonOf(utf8Text(await context.readFile(path))));
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'cli.details',
    `${path} is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`,
    'Write JSON with keys, second_methods, exclusions or passkey_only.',
  );
}

/** Accounts live in streams of their own: each is proven before it is shown to somebody in a hurry. */
async function search(context: Context, words: readonly string[], dead: readonly string[]) {
  const device = await context.device();
  await device.signIn();
  const { accounts } = z
    .object({ accounts: z.array(z.looseObject({ id: z.string() })) })
    .parse(await device.api.get('/v1/accounts'));
  const found = [];
  for (const { id } of accounts)
    found.push(...findAccounts((await device.prove({ account: id })).state, { words, dead }));
  return found.sort(
    (a, b) => Number(b.state === 'armed') - Number(a.state === 'armed') || b.matches - a.matches,
  );
}

function accountIn({ state }: ProvenState, id: string): Account {
  const account = Object.hasOwn(state.accounts, id) ? state.accounts[id] : undefined;
  if (account !== undefined) return account;
  throw new HalliganError(
    'server.account',
    `There is no account “${id}”.`,
    'See halligan account list.',
  );
}

function linesOf({ document, state, current }: Account): readonly string[] {
  const { keys = [], second_methods = [], exclusions = [] } = document;
  return [
    `${document.id}: ${state}, version ${current}, ${document.kind ?? 'kind not known'}`,
    `  name on ${document.system}: ${visible(document.name)}`,
    `  sign in: ${visible(document.sign_in ?? 'address not known')}`,
    `  privilege: ${visible(document.privilege)}, because ${visible(document.justification)}`,
    ...keys.map(
      (key) =>
        `  key ${visible(key.serial)}: ${visible(modelOfKey(key) ?? 'model not known')}, ${key.presence}, lies at ${key.key_place}; its PIN at ${key.pin_place ?? 'a place not known'}`,
    ),
    ...second_methods.map((method) =>
      method.method === 'sms'
        ? `  codes by SMS to a number ${method.organisation_controlled ? 'of the organisation' : 'of somebody’s own'}`
        : `  ${method.method} at ${method.place}${method.method === 'backup-codes' ? `, ${method.left} left` : ''}`,
    ),
    ...exclusions.map(
      ({ from, justification }) =>
        `  excluded from ${visible(from)}: ${visible(justification) || 'NOT JUSTIFIED'}`,
    ),
  ];
}
