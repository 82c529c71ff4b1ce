import { LATEST_RULES } from '@halligan/procedure';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import about from '../package.json' with { type: 'json' };

/** `halligan version`, and `halligan --version`: what a report of a fault begins with, and what an upgrade compares. */
export function versionCommand({ terminal }: Pick<Context, 'terminal'>): Command {
  return new Command('version')
    .description('this program’s version, the rules that it knows, and what it runs on')
    .action(() => {
      const { version } = about;
      const on = { node: process.versions.node, platform: `${process.platform}-${process.arch}` };
      show(terminal, { version, rules: LATEST_RULES, ...on }, [
        `halligan ${version}`,
        `  rules 1 to ${LATEST_RULES}; Node.js ${on.node}, ${on.platform}`,
      ]);
    });
}
