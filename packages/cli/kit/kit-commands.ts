import { readFileSync } from 'node:fs';
import { utf8, utf8Text } from '@halligan/format';
import { allEmergencies } from '@halligan/procedure';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { describe } from '../emergency/describe.ts';
import { mergeCommand } from './merge-command.ts';
import { readCommand } from './read-command.ts';
import { statusCommand } from './status-command.ts';
import { jsonOfStep, lineOfStep } from './steps.ts';
import { verifyCommand } from './verify-command.ts';

/** `halligan kit …`: everything that is needed when the server is gone. */
export function kitCommand(context: Context): Command {
  const { terminal } = context;
  const kit = new Command('kit').description('what is needed when the server is gone');
  kit.addCommand(readCommand(context));
  kit
    .command('open')
    .description('work from a kit, without the server: the emergency commands then use it')
    .argument('<kit>', 'the same copy for all of you, the newest')
    .action(async (path: string) => {
      const { desk } = await context.kitDevice();
      const { kit: opened, anchor, state, seals } = await desk.begin(await context.readFile(path));
      const { organisation, createdAt } = opened;
      const result = { organisation, createdAt, entries: anchor.size, seals: [...seals.keys()] };
      show(terminal, result, [
        `Opened: the kit of ${organisation}, written ${createdAt}. Its record was proven on this device.`,
        ...Object.values(state.accounts).map(
          ({ document, state: standing }) => `  ${document.id}: ${standing}`,
        ),
        'From here the emergency commands work from this kit, and nothing leaves this machine by itself.',
        'Next: the requester runs halligan emergency declare; the others take in what they get: halligan kit receive FILE.',
      ]);
    });
  kit
    .command('send')
    .description('everything said so far, as text for the others, encrypted to them')
    .option('--out <file>', 'write it there instead of printing it')
    .action(async ({ out }: { out?: string }) => {
      const message = await (await context.kitDevice()).desk.message();
      if (out === undefined) {
        terminal.out(terminal.json ? JSON.stringify({ message }) : message.trimEnd());
        terminal.say(
          'Pass it on as it is, all of it. The others run halligan kit receive and paste it.',
        );
        return;
      }
      await context.writeFile(out, utf8(message));
      show(terminal, { message: out }, [`Written: ${out}. The others run halligan kit receive.`]);
    });
  kit
    .command('receive')
    .description('take in what somebody passed on')
    .argument('[file]', 'the message; - or nothing reads it from standard input', '-')
    .action(async (path: string) => {
      const bytes = path === '-' ? readFileSync(0) : await context.readFile(path);
      const { desk } = await context.kitDevice();
      const steps = await desk.receive(utf8Text(bytes));
      show(terminal, { received: steps.map(jsonOfStep) }, [
        ...(steps.length === 0 ? ['Nothing new in it.'] : steps.map(lineOfStep)),
        'Next: halligan emergency show.',
      ]);
    });
  kit
    .command('log')
    .description('what was said from the kit, in its order, and what the rules made of it')
    .action(async () => {
      const { desk } = await context.kitDevice();
      const { kit: opened, anchor } = await desk.kit();
      const { steps, state } = await desk.fold();
      const now = new Date().toISOString();
      const result = {
        organisation: opened.organisation,
        createdAt: opened.createdAt,
        entries: anchor.size,
        steps: steps.map(jsonOfStep),
      };
      show(terminal, result, [
        `Working from the kit of ${opened.organisation}, written ${opened.createdAt}.`,
        ...steps.map(lineOfStep),
        ...allEmergencies(state).flatMap((one) => describe(state, one, '', now)),
      ]);
    });
  kit.addCommand(mergeCommand(context));
  kit.addCommand(statusCommand(context));
  kit.addCommand(verifyCommand(context));
  return kit;
}
