/** The agent as a program of its own: `halligan device agent` becomes it. It loads what it needs and nothing else. */
import { parseArgs } from 'node:util';
import { HalliganError } from '@halligan/format';
import { SOCKET } from './door.ts';
import { FOLDER, startAgent } from './start.ts';

// Node would open its inspector, and with it the machine's key, by this signal.
process.on('SIGUSR1', () => undefined);

// Whatever it makes is root's alone.
process.umask(0o077);

const say = (line: string) => void process.stderr.write(`${line}\n`);

try {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      folder: { type: 'string', default: FOLDER },
      socket: { type: 'string', default: SOCKET },
      version: { type: 'string', default: 'unknown' },
    },
  });
  const { config, folder, socket, version } = values;
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const agent = await startAgent({ config, folder, socket }, version, say);
  process.on('SIGHUP', () => {
    agent.reload().then(() => say('Read the configuration again.'), told);
  });
  say(`Ready at ${socket}.`);
  await asked;
  await agent.stop();
} catch (error) {
  told(error);
  process.exitCode = 1;
}

/** Says what went wrong, and never more than an error of ours says: others may quote what they choked on. */
function told(error: unknown): void {
  if (error instanceof HalliganError) {
    say(`error: ${error.message} [${error.code}]`);
    say(`hint: ${error.hint}`);
  } else say(`error: the agent failed. [device.fault] ${error instanceof Error ? error.name : ''}`);
}
