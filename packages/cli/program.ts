import { HalliganError } from '@halligan/format';
import { CommanderError } from 'commander';
import type { Context } from './commands.ts';
import { contextOf } from './context.ts';
import { EXIT, exitCodeOfError } from './exit-codes.ts';
import type { Kept } from './kept.ts';
import type { Terminal } from './terminal.ts';
import { bareProgram, commandTree, namedCommand } from './tree/tree.ts';

/**
 * The whole program.
 * @param kept between the commands of who runs several
 * @returns the exit code: 0 ok, 1 failed, 2 usage or cancelled, 3 waiting for a quorum, 4 sign-in
 * needed, 5 verification failed, 6 denied
 */
export async function run(
  argv: readonly string[],
  terminal: Terminal,
  environment: Context['environment'],
  kept?: Kept,
): Promise<number> {
  let code: number = EXIT.ok;
  const root = bareProgram(terminal);
  const context = contextOf(terminal, environment, () => root.opts<{ org?: string }>().org, kept);
  try {
    const { operands, unknown } = root.parseOptions([...argv]);
    // Bare halligan shows what is due from me.
    const bare = operands.length === 0 && unknown.length === 0;
    const usual = root.opts<{ version?: boolean }>().version === true ? 'version' : 'obligations';
    const exits = (exit: number) => {
      code = exit;
    };
    await commandTree(root, context, exits, bare ? usual : namedCommand(operands));
    await root.parseAsync(bare ? [...argv, usual] : [...argv], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, terminal);
  }
}

function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // What is wrong was said already, with what was meant perhaps.
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    const problem = { code: 'cli.usage', message, hint: 'See --help.' };
    if (terminal.json) terminal.out(JSON.stringify({ error: problem }));
    return EXIT.usage;
  }
  if (error instanceof HalliganError) {
    const { code, message, hint } = error;
    if (terminal.json) terminal.out(JSON.stringify({ error: { code, message, hint } }));
    terminal.say(`error: ${message} [${code}]`);
    terminal.say(`hint: ${hint}`);
  } else {
    const message = 'Something failed that should not.';
    const hint = 'Nothing was changed by this command. Run it again, and report it.';
    if (terminal.json)
      terminal.out(JSON.stringify({ error: { code: 'cli.fault', message, hint } }));
    terminal.say(`error: ${message} [cli.fault] ${error instanceof Error ? error.name : ''}`);
    terminal.say(`hint: ${hint}`);
    if (process.env.HALLIGAN_DEBUG === '1' && error instanceof Error)
      terminal.say(error.stack ?? '');
  }
  return exitCodeOfError(error);
}
