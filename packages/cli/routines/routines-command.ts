import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { markdownOf } from '@halligan/document';
import { HalliganError, utf8 } from '@halligan/format';
import { pdfOf } from '@halligan/paper';
import { Command, Option } from 'commander';
import { type Context, show } from '../commands.ts';
import { dutiesOf } from '../organisation/duty-commands.ts';
import { wholeState } from '../whole-state.ts';
import { calendarOf } from './calendar.ts';
import { routinesOf } from './routines.ts';

/** `halligan routines`: who, how, when and where, as files for the wall and the calendar. */
export function routinesCommand(context: Context): Command {
  return new Command('routines')
    .description(
      'write the routines from the policy and the inventory, and the dates as a calendar',
    )
    .requiredOption('--out <folder>', 'a new folder')
    .addOption(new Option('--size <paper>', 'paper size').choices(['A4', 'Letter']).default('A4'))
    .action(async ({ out, size }: { out: string; size: 'A4' | 'Letter' }) => {
      const device = await context.device();
      const state = await wholeState(device);
      const routines = routinesOf(state, device.home.facts.practice);
      await newFolder(out);
      const files: string[] = [];
      const write = async (name: string, bytes: Uint8Array) => {
        await context.writeFile(join(out, name), bytes);
        files.push(name);
      };
      for (const { name, document } of routines) {
        context.terminal.say(`Writing ${name} …`);
        await write(`${name}.md`, utf8(markdownOf(document)));
        await write(`${name}.pdf`, await pdfOf(document, { size }));
      }
      const duties = await dutiesOf(device);
      const calendar = calendarOf(duties, device.home.pins.origin, new Date().toISOString());
      await write('calendar.ics', utf8(calendar));
      show(context.terminal, { folder: out, files, dates: duties.length }, [
        ...files.map((name) => join(out, name)),
        `${duties.length} dates in calendar.ics. Write it all anew when policy or inventory change.`,
      ]);
    });
}

/** @throws `cli.file` */
async function newFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: false });
  } catch (cause) {
    throw new HalliganError(
      'cli.file',
      `The folder ${path} cannot be made.`,
      'It may exist already: nothing is overwritten. Name a new folder.',
      { cause },
    );
  }
}
