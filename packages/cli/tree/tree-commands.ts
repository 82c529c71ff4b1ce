import { Argument, Command, Option } from 'commander';
import { type Context, show } from '../commands.ts';
import { completionFor, SHELLS } from './completion.ts';
import { markdownGuide, rootManual } from './manual.ts';
import { placed } from './walk.ts';

/** `halligan completion`: completions of the whole tree. */
export function completionCommand({ terminal }: Context, root: Command): Command {
  return new Command('completion')
    .description('completions for a shell, to be put where it looks for them')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: string) => {
      const script = completionFor(shell, placed(root));
      show(terminal, { shell, script }, [script.trimEnd()]);
    });
}

/** `halligan man`: what the whole tree says of itself. */
export function manualCommand({ terminal }: Context, root: Command): Command {
  return new Command('man')
    .description('the manual of every command: halligan man > halligan.1')
    .addOption(
      new Option('--format <format>', 'roff for man(1), or Markdown')
        .choices(['roff', 'markdown'])
        .default('roff'),
    )
    .action(({ format }: { format: string }) => {
      const tree = placed(root);
      const text = format === 'roff' ? rootManual(tree) : markdownGuide(tree);
      show(terminal, { format, text }, [text.trimEnd()]);
    });
}
