import { digestOf, type Json } from '@halligan/format';
import { SUSPICIONS } from '@halligan/procedure';
import { subjectOf, textAttachment } from '@halligan/statement';
import { Command, Option } from 'commander';
import { type Context, show } from '../commands.ts';

/** `halligan account suspect | clear`: what people say of an account, signed. */
export function suspicionCommands(context: Context): readonly Command[] {
  const suspect = new Command('suspect')
    .description('say that an account fails, or was used and nobody knows by whom; it is rotated')
    .argument('<id>', 'its id')
    .addOption(
      new Option('--why <reason>', 'what is wrong').choices(SUSPICIONS).makeOptionMandatory(),
    )
    .option('--text <text>', 'what was seen')
    .action(async (id: string, asked: { why: (typeof SUSPICIONS)[number]; text?: string }) => {
      const { why, text } = asked;
      const document = { v: 'halligan/suspicion/v1', do: 'suspect', account: id, why };
      await say(context, id, document, text);
      show(context.terminal, { account: id, state: 'suspect' }, [
        `${id} is suspect: it is not used while another is armed, and its rotation is due.`,
        'Next: halligan account await-armed; where nothing rotates it, halligan account rotate-by-hand.',
      ]);
    });
  const clear = new Command('clear')
    .description('as security or an auditor: vouch that another person’s suspicion was unfounded')
    .argument('<id>', 'its id')
    .requiredOption('--text <text>', 'what you looked at, and what it was')
    .action(async (id: string, { text }: { text: string }) => {
      const document = { v: 'halligan/suspicion/v1', do: 'clear', account: id };
      await say(context, id, document, text);
      show(context.terminal, { account: id }, [
        `Cleared: ${id}. Next: halligan account show ${id}.`,
      ]);
    });
  return [suspect, clear];
}

async function say(
  context: Context,
  id: string,
  document: Json,
  text: string | undefined,
): Promise<void> {
  const device = await context.device();
  const proven = await device.prove({ account: id });
  const attachment = text === undefined ? undefined : textAttachment(text);
  await device.say(
    proven,
    'attest',
    {
      subject: subjectOf('account', id),
      purpose: 'real',
      what: 'suspicion',
      digest: digestOf(document),
      ...(attachment === undefined ? {} : { text: attachment.digest }),
    },
    { document, attachments: attachment === undefined ? [] : [attachment] },
  );
}
