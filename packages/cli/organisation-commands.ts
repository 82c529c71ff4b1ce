import { digestOf, HalliganError, type Json, utf8, utf8Text } from '@halligan/format';
import { parsePolicy, policyDigest } from '@halligan/procedure';
import {
  linkDigest,
  type RosterChange,
  type RosterLink,
  type SignedStatement,
  subjectOf,
} from '@halligan/statement';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from './commands.ts';
import { compareCard, comparedCard, rolesFrom, waitingCards } from './first-run/admission.ts';
import { cardWords, readCard } from './first-run/card.ts';
import { ownPersonCommands } from './first-run/own-person-commands.ts';
import { jsonOf } from './person-home.ts';
import { systemCommands } from './system-commands.ts';

/** `halligan person`, `policy`, `system`, `account`, `obligations`: what an admin sets up and everybody reads. */
export function organisationCommands(context: Context): readonly Command[] {
  return [
    personCommands(context),
    policyCommands(context),
    systemCommands(context),
    accountCommands(context),
    obligationsCommand(context),
  ];
}

/** A decision that waits for more signatures: passed from person to person as a file. */
const proposalSchema = z.strictObject({
  v: z.literal('halligan/proposal/v1'),
  kind: z.enum(['roster.change', 'policy.adopt']),
  document: z.json(),
  signed: z.array(z.unknown()),
});

function personCommands(context: Context): Command {
  const { terminal } = context;
  const person = new Command('person').description('who people are');
  for (const command of ownPersonCommands(context)) person.addCommand(command);
  person.command('list').action(async () => {
    const { state } = await (await context.device()).prove();
    const members = state.roster?.members ?? [];
    show(terminal, { members, groups: state.roster?.groups ?? {} }, [
      ...members.map((one) => `${one.id.padEnd(20)} ${one.kind.padEnd(8)} ${one.roles.join(', ')}`),
      ...Object.entries(state.roster?.groups ?? {}).map(
        ([name, ids]) => `group ${name}: ${ids.join(', ')}`,
      ),
    ]);
  });
  person
    .command('waiting')
    .description('who asks to join')
    .action(async () => {
      const waiting = await waitingCards(await context.device());
      show(
        terminal,
        { waiting: waiting.map((card) => ({ ...card, cardWords: cardWords(card) })) },
        waiting.length === 0
          ? ['Nobody waits.']
          : waiting.map((card) => `${card.id.padEnd(20)} ${cardWords(card).join(' ')}`),
      );
    });
  person
    .command('admit')
    .description('admit somebody who joined, after comparing the card’s words with them by voice')
    .argument('<person>')
    .requiredOption('--roles <roles>', 'separated by commas')
    .option('--words <words>', 'the card words, as the person read them to you')
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action(async (id: string, asked: { roles: string; words?: string; proposal?: string }) => {
      const card = await comparedCard(terminal, await context.device(), id, asked.words);
      const member = { ...card, roles: rolesFrom(asked.roles) };
      await changeRoster(context, { do: 'admit', member }, asked.proposal);
    });
  person
    .command('roles')
    .description('give somebody other roles')
    .argument('<person>')
    .requiredOption('--roles <roles>', 'separated by commas; all that the person has afterwards')
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action((id: string, asked: { roles: string; proposal?: string }) =>
      changeRoster(
        context,
        { do: 'amend', person: id, roles: rolesFrom(asked.roles) },
        asked.proposal,
      ),
    );
  person
    .command('rekey')
    .description('give a person the keys of a new card, after comparing its words by voice')
    .argument('<card>')
    .option('--words <words>', 'the card words, as the person read them to you')
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action(async (path: string, asked: { words?: string; proposal?: string }) => {
      const card = await readCard(await context.readFile(path), path);
      await compareCard(terminal, card, asked.words);
      const { id, signing, recipient, recipientSignature } = card;
      await changeRoster(
        context,
        { do: 'rekey', person: id, signing, recipient, recipientSignature },
        asked.proposal,
      );
    });
  person
    .command('group')
    .argument('<group>')
    .argument('<people...>')
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action((name: string, members: readonly string[], asked: { proposal?: string }) =>
      changeRoster(context, { do: 'group', name, members }, asked.proposal),
    );
  person
    .command('sign')
    .description('sign another admin’s proposal and send it')
    .argument('<file>')
    .action((path: string) => signProposal(context, path));
  return person;
}

async function changeRoster(
  context: Context,
  change: RosterChange,
  proposal: string | undefined,
): Promise<void> {
  const device = await context.device();
  const proven = await device.prove();
  const { roster } = proven.state;
  if (roster === undefined)
    throw new HalliganError('server.not-set-up', 'There is no roster yet.', 'Run halligan init.');
  const link: RosterLink = {
    v: 'halligan/roster/v1',
    number: roster.number + 1,
    previous: roster.digest,
    change,
  };
  const signed = await device.sign(proven, 'roster.change', {
    subject: linkDigest(link),
    purpose: 'real',
  });
  await send(
    context,
    { kind: 'roster.change', document: link as unknown as Json, signed: [signed] },
    proposal,
  );
}

function policyCommands(context: Context): Command {
  const policy = new Command('policy').description('the rules that the organisation adopted');
  policy.command('show').action(async () => {
    const { state } = await (await context.device()).prove();
    const current = state.policy === undefined ? undefined : state.policies[state.policy];
    context.terminal.out(JSON.stringify(current ?? null, null, context.terminal.json ? 0 : 2));
  });
  policy
    .command('adopt')
    .description('propose a policy; another admin signs it')
    .argument('<file>', 'YAML')
    .requiredOption('--proposal <file>', 'write it for another admin to sign')
    .action(async (path: string, asked: { proposal: string }) => {
      const device = await context.device();
      const document = parsePolicy(utf8Text(await context.readFile(path)));
      const proven = await device.prove();
      const signed = await device.sign(proven, 'policy.adopt', {
        subject: policyDigest(document),
        purpose: 'real',
      });
      await send(
        context,
        { kind: 'policy.adopt', document: document as unknown as Json, signed: [signed] },
        asked.proposal,
      );
    });
  policy
    .command('sign')
    .description('sign another admin’s proposal and send it')
    .argument('<file>')
    .action((path: string) => signProposal(context, path));
  return policy;
}

interface Proposal {
  readonly kind: 'roster.change' | 'policy.adopt';
  readonly document: Json;
  readonly signed: readonly SignedStatement[];
}

async function send(context: Context, proposal: Proposal, path: string | undefined): Promise<void> {
  const { kind, document, signed } = proposal;
  if (path !== undefined) {
    await context.writeFile(
      path,
      utf8(`${JSON.stringify({ v: 'halligan/proposal/v1', kind, document, signed })}\n`),
    );
    show(context.terminal, { proposal: path }, [
      `Written: ${path}. Next: another admin runs halligan ${kind === 'policy.adopt' ? 'policy' : 'person'} sign ${path}.`,
    ]);
    return;
  }
  const answer = z
    .object({ events: z.array(z.looseObject({ type: z.string() })) })
    .parse(await (await context.device()).api.post('/v1/statements', { signed, document }));
  const pending = answer.events.some(({ type }) => type === 'RosterChangeProposed');
  show(context.terminal, answer, [
    pending ? 'Proposed: it waits for the consent that is missing, or for 48 hours.' : 'Done.',
  ]);
}

async function signProposal(context: Context, path: string): Promise<void> {
  const parsed = proposalSchema.safeParse(jsonOf(utf8Text(await context.readFile(path))));
  if (!parsed.success)
    throw new HalliganError(
      'cli.proposal',
      `${path} is not a proposal.`,
      'Ask the other admin for it again.',
    );
  const { kind, document, signed } = parsed.data;
  const device = await context.device();
  const proven = await device.prove();
  context.terminal.say(`You sign: ${JSON.stringify(document)}`);
  const own = await device.sign(proven, kind, { subject: digestOf(document), purpose: 'real' });
  await send(
    context,
    { kind, document, signed: [...(signed as SignedStatement[]), own] },
    undefined,
  );
}

function accountCommands(context: Context): Command {
  const account = new Command('account').description('emergency accounts');
  account.command('list').action(async () => {
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
    .argument('<id>')
    .requiredOption('--system <id>')
    .requiredOption('--name <name>', 'as the system knows it')
    .requiredOption('--privilege <level>')
    .requiredOption('--justification <text>')
    .requiredOption('--quorum <tier>')
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
    .argument('<id>')
    .action(async (id: string) => {
      const device = await context.device();
      await device.signIn();
      await device.api.post(`/v1/accounts/${id}/rotate`);
      show(context.terminal, { account: id }, [`${id} is being rotated: halligan account list.`]);
    });
  account
    .command('await-armed')
    .description('wait until an account is armed')
    .argument('<id>')
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
  return account;
}

function obligationsCommand(context: Context): Command {
  return new Command('obligations')
    .description('what is due, from whom, by when')
    .option('--all', 'everybody’s, not only mine', false)
    .action(async ({ all }: { all: boolean }) => {
      const device = await context.device();
      await device.signIn();
      const { obligations } = z
        .object({
          obligations: z.array(
            z.object({
              id: z.string(),
              what: z.string(),
              about: z.string(),
              owners: z.array(z.string()),
              due: z.string(),
              late: z.boolean(),
            }),
          ),
        })
        .parse(await device.api.get('/v1/obligations'));
      const mine = obligations.filter(({ owners }) => all || owners.includes(device.person));
      show(
        context.terminal,
        { obligations: mine },
        mine.length === 0
          ? ['Nothing is due.']
          : mine.map(
              (one) =>
                `${one.late ? 'LATE ' : '     '}${one.due}  ${one.what.padEnd(14)} ${one.about.slice(0, 24).padEnd(24)} ${one.owners.join(', ')}`,
            ),
      );
    });
}
