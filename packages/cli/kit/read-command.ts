import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { readKit } from '@halligan/seal';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';

/** `halligan kit read`: a kit's files in a folder, for reading and for opening by hand. */
export function readCommand(context: Context): Command {
  return new Command('read')
    .description('decrypt a kit with your key into a folder, to read it or to open a seal by hand')
    .argument('<kit>', 'a kit, as a file')
    .requiredOption('--out <folder>', 'a new folder')
    .action(async (path: string, { out }: { out: string }) => {
      const { identity } = await (await context.serverDevice()).keys();
      const { files, createdAt, organisation } = await readKit(
        await context.readFile(path),
        identity,
      );
      try {
        await mkdir(out, { mode: 0o700 });
      } catch (cause) {
        throw new HalliganError(
          'cli.file',
          `${out} cannot be made.`,
          'It may exist already: choose another folder.',
          { cause },
        );
      }
      for (const [name, bytes] of files) {
        await mkdir(dirname(join(out, name)), { recursive: true, mode: 0o700 });
        await writeFile(join(out, name), bytes, { flag: 'wx', mode: 0o600 });
      }
      show(context.terminal, { organisation, createdAt, files: [...files.keys()] }, [
        `Kit of ${organisation}, written ${createdAt}: ${files.size} files in ${out}.`,
        'Next: runbook.md.',
      ]);
    });
}
