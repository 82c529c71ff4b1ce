import { type Json, utf8Text } from '@halligan/format';
import { parsePolicy, policyDigest } from '@halligan/procedure';
import { Command } from 'commander';
import type { Context } from '../commands.ts';
import { send, signProposal } from './proposal.ts';

/** `halligan policy …`: the rules that the organisation adopted. */
export function policyCommands(context: Context): Command {
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
