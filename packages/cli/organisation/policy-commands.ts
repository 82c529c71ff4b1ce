import { HalliganError, type Json, utf8Text } from '@halligan/format';
import {
  type Finding,
  lintPolicy,
  type Policy,
  parsePolicy,
  policyDigest,
  policyJsonSchema,
  type State,
} from '@halligan/procedure';
import { cosignersOf } from '@halligan/tlog';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { findingLines } from './finding-lines.ts';
import { withHolidays } from './holidays.ts';
import { pendingCommands } from './pending-commands.ts';
import { send, signProposal } from './proposal.ts';

/** `halligan policy …`: the rules that the organisation adopted. */
export function policyCommands(context: Context): Command {
  const { terminal } = context;
  const policy = new Command('policy').description('the rules that the organisation adopted');
  policy
    .command('show')
    .description('the policy in force')
    .action(async () => {
      const { state } = await (await context.device()).prove();
      const current = state.policy === undefined ? undefined : state.policies[state.policy];
      terminal.out(JSON.stringify(current ?? null, null, terminal.json ? 0 : 2));
    });
  policy
    .command('schema')
    .description('print the JSON Schema of policies, for editors')
    .action(() => terminal.out(JSON.stringify(policyJsonSchema(), null, terminal.json ? 0 : 2)));
  policy
    .command('lint')
    .description('what is weak about a policy with the people of the roster')
    .argument('<file>', 'YAML')
    .action(async (path: string) => {
      const document = await readPolicy(context, path);
      const { state } = await (await context.device()).prove();
      const findings = lintWith(state, document);
      show(terminal, { findings }, findingLines(findings));
    });
  policy
    .command('adopt')
    .description('propose a policy; another admin signs it')
    .argument('<file>', 'YAML')
    .requiredOption('--proposal <file>', 'write it for another admin to sign')
    .action(async (path: string, asked: { proposal: string }) => {
      const device = await context.device();
      const document = await readPolicy(context, path);
      const proven = await device.prove();
      // What two admins sign for is said before the first of them does.
      for (const line of findingLines(lintWith(proven.state, document))) terminal.say(line);
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
    .argument('<file>', 'the other admin’s proposal, as a file')
    .action((path: string) => signProposal(context, path));
  for (const command of pendingCommands(context)) policy.addCommand(command);
  return policy;
}

/** @throws `procedure.policy`; `tlog.cosigners`, `tlog.key-syntax` where a cosigner's key is none */
async function readPolicy(context: Context, path: string): Promise<Policy> {
  const policy = parsePolicy(utf8Text(await context.readFile(path)));
  // A key that is none would be adopted, and no log would ever be cosigned enough.
  void cosignersOf(policy.cosigners.of);
  return withHolidays(policy, new Date().toISOString());
}

/** @throws `server.not-set-up` */
export function lintWith({ roster }: State, policy: Policy): readonly Finding[] {
  if (roster === undefined)
    throw new HalliganError('server.not-set-up', 'There is no roster yet.', 'Run halligan init.');
  return lintPolicy(policy, roster);
}
