import { HalliganError, utf8Text } from '@halligan/format';
import { Command } from 'commander';
import { type Context, show } from './commands.ts';
import { dataFolder } from './data-folder.ts';

interface ServeOptions {
  readonly home: string;
  readonly log: readonly string[];
  readonly name?: string;
  readonly host: string;
  readonly port: string;
  readonly tlsKey?: string;
  readonly tlsCert?: string;
}

/** `halligan cosign`: a cosigner of logs, for a machine that is not the log's. */
export function cosignCommands(context: Context): Command {
  const cosign = new Command('cosign').description(
    'watch logs, so that nobody rewrites them unseen',
  );
  cosign
    .command('serve')
    .description('run a cosigner (C2SP tlog-witness), on another machine than the server')
    .requiredOption('--home <folder>', 'the cosigner’s keys and what it signed')
    .requiredOption('--log <log.pub...>', 'the keys of each log that it watches')
    .option('--name <name>', 'its name, at the first start, such as cosigner.example.org/1')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on', '8471')
    .option('--tls-key <file>', 'TLS key, for addresses that others reach')
    .option('--tls-cert <file>', 'TLS certificate')
    .action((options: ServeOptions) => serve(context, options));
  cosign
    .command('use')
    .description('have the server of HALLIGAN_HOME ask cosigners; their keys stand in the policy')
    .argument('<url...>', 'where each listens; in place of those named before')
    .action(async (urls: readonly string[]) => {
      const { useCosigners } = await import('@halligan/server');
      await useCosigners(dataFolder(context.environment), urls);
      show(context.terminal, { cosigners: urls }, [
        `The server asks ${urls.join(', ')} from its next start on.`,
        'Next: two admins adopt a policy whose cosigners name the keys that each of them prints.',
      ]);
    });
  return cosign;
}

async function serve(context: Context, options: ServeOptions): Promise<void> {
  const { home, name, host } = options;
  const text = async (path: string) => utf8Text(await context.readFile(path));
  const logKeys = await Promise.all(options.log.map(async (path) => (await text(path)).trim()));
  const { tlsKey, tlsCert } = options;
  const tls =
    tlsKey === undefined || tlsCert === undefined
      ? undefined
      : { key: await text(tlsKey), cert: await text(tlsCert) };
  const { startCosigner } = await import('@halligan/server');
  const running = await startCosigner({
    home,
    name,
    logKeys,
    host,
    port: portOf(options.port),
    tls,
  });
  const { terminal } = context;
  if (running.isNew)
    terminal.say('New keys were made. Back up this folder; never run two copies of it.');
  terminal.say(`Cosigning on ${running.url}. Its verifier keys, for the policy’s cosigners:`);
  show(terminal, { url: running.url, verifiers: running.verifiers }, running.verifiers);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  await running.stop();
}

/** @throws `cli.usage` */
function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new HalliganError('cli.usage', 'This is no port.', 'Give a number up to 65535, 0 for any.');
}
