import { Command } from 'commander';
import { type Context, show } from './commands.ts';
import { dataFolder } from './data-folder.ts';
import { serverStatus } from './server-status.ts';
import { separateCommand, unitsCommand } from './server-units.ts';

/** `halligan server`. */
export function serverCommands(context: Context): Command {
  const server = new Command('server')
    .description('run the server of HALLIGAN_HOME')
    .addHelpText(
      'after',
      '\nIt logs to standard error, one JSON object a line, for people on a terminal.\nHALLIGAN_LOG_LEVEL: debug, info (default), warning or error.',
    )
    .action(async () => {
      // Loaded here alone: people's commands start in half the time without the server.
      const { levelNamed, startServer } = await import('@halligan/server');
      const level = levelNamed(context.environment.HALLIGAN_LOG_LEVEL) ?? 'info';
      const running = await startServer(
        dataFolder(context.environment),
        (line) => context.terminal.say(line),
        { level, human: process.stderr.isTTY === true },
      );
      process.on('SIGUSR1', () =>
        running.parts.log('warning', 'inspector', 'SIGUSR1 came; the inspector stays closed.'),
      );
      running.parts.log('info', 'server', `Listening on ${running.url}.`);
      const asked = new Promise<undefined>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const)
          process.once(signal, () => resolve(undefined));
      });
      const failure = await Promise.race([asked, running.failed]);
      await running.stop();
      if (failure !== undefined) throw failure;
    });
  server
    .command('status')
    .description('whether the server of HALLIGAN_HOME answers, where, and how far its record is')
    .action(async () => {
      const status = await serverStatus(dataFolder(context.environment));
      show(context.terminal, status, [
        `${status.organisation}: answers at ${status.url}; ${status.entries} entries.`,
        `Data folder: ${status.home}`,
      ]);
    });
  server.addCommand(unitsCommand(context));
  server.addCommand(separateCommand(context));
  return server;
}
