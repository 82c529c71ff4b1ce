import { HalliganError } from '@halligan/format';
import { textAttachment } from '@halligan/statement';
import { Option } from 'commander';
import { type Declaration, declare } from './declare.ts';
import { fileAttachment } from './file-attachment.ts';
import type { EmergencyGroup } from './group.ts';

type Asked = Omit<Declaration, 'evidence'> & {
  readonly evidence: readonly string[];
  readonly evidenceFile: readonly string[];
};

/** What the requester says to the approver, in the procedure's own words. */
function spokenRequest({ account, reason, cause, second }: Asked): string {
  return `Say: “I am requesting break-glass access to ${account} because ${reason} Normal access has failed due to ${cause}. I have ${second} available for dual control.”`;
}

/** `halligan emergency declare`. */
export function addDeclaration({ context, add, done }: EmergencyGroup): void {
  add('declare', 'declare an emergency, or a drill')
    .requiredOption('--account <id>', 'which emergency account')
    .requiredOption('--reason <text>', 'two or three sentences')
    .addOption(new Option('--cause <cause>', 'why normal access failed').makeOptionMandatory())
    .option('--evidence <text...>', 'what shows that normal access failed', [])
    .option('--evidence-file <file...>', 'a log, a screenshot, a saved page', [])
    .option('--attestation <text>', 'your written word, where no evidence can be had')
    .requiredOption('--incident <reference>', 'the ticket')
    .requiredOption('--second <person>', 'the second authorised person')
    .requiredOption('--approver <person>', 'whom you ask to approve')
    .option('--witness <person>', 'who observes and holds no share')
    .option('--drill', 'simulated: the same procedure, marked', false)
    .action(async (asked: Asked) => {
      const files = await Promise.all(
        asked.evidenceFile.map(async (path) => fileAttachment(path, await context.readFile(path))),
      );
      const evidence = [...asked.evidence.map((text) => textAttachment(text)), ...files];
      if (evidence.length === 0 && asked.attestation === undefined) {
        throw new HalliganError(
          'cli.usage',
          'Evidence that normal access failed is needed.',
          'Give --evidence or --evidence-file, or your written word with --attestation.',
        );
      }
      const id = await declare(await context.device(), { ...asked, evidence });
      done(
        { emergency: id },
        `Declared ${asked.drill ? 'DRILL ' : ''}${id.slice(0, 12)}.`,
        spokenRequest(asked),
        `Next: ${asked.approver} approves, ${asked.second} takes part.`,
      );
    });
}
