import { HalliganError } from '@halligan/format';
import type ssh2 from 'ssh2';
import type { AuthHandlerMiddleware, ClientChannel, ConnectConfig } from 'ssh2';
import type { SshConfig } from './config.ts';

/** How somebody signs in: with a password, or with a private key in OpenSSH's format. */
export type SshSignIn = { readonly password: Uint8Array } | { readonly key: Uint8Array };

/** What a command did. What it wrote is the host's word: parsed, never shown. */
export interface Ran {
  readonly exit: number | undefined;
  readonly out: string;
}

/** A sign-in that the host refused. */
export const REFUSED = 'refused';

/** How long a host that was told that this is the end may keep the connection, milliseconds. */
const LINGER = 1000;

/** Bytes of a command's output that are read; the rest is dropped. */
const MOST_OUTPUT = 256 << 10;

/** A connection in which a user is signed in. */
export interface SshLine {
  /** Runs a command, with bytes on its standard input. @throws `systems.timeout`, `systems.unreachable` */
  run(command: string, input?: Uint8Array): Promise<Ran>;
  /** Runs a command on a terminal and answers its questions, one after the other. */
  converse(command: string, answers: readonly Uint8Array[]): Promise<Ran>;
  end(): void;
}

/**
 * Connects, compares the host's key with the pinned ones before anything secret is sent, and signs in. `ssh2` takes
 * passwords as strings, which JavaScript cannot overwrite: one lives until the collector takes it.
 * @returns `refused` where the host refused this sign-in, and only then
 * @throws `systems.host-key`, `systems.unreachable`, `systems.timeout`, `systems.second-factor`, `systems.secret-unusable`
 */
export async function connectSsh(
  { host, port, hostKeys, timeout }: SshConfig,
  user: string,
  signIn: SshSignIn,
): Promise<SshLine | typeof REFUSED> {
  // Where it is needed and not before: it is a fifth of the start of a rotator that speaks to another system.
  const { Client, utils } = (await import('ssh2')).default;
  if ('key' in signIn) requireKey(utils, signIn.key);
  const client = new Client();
  const pinned = hostKeys.map((line) => line.split(' ')[1] ?? '');
  let strange = false;
  let partly = false;
  const settings: ConnectConfig = {
    host,
    port,
    username: user,
    readyTimeout: timeout,
    algorithms: { serverHostKey: algorithmsOf(hostKeys) },
    hostVerifier: (key: Buffer) => {
      strange = !pinned.includes(key.toString('base64'));
      return !strange;
    },
    authHandler: authHandler(user, signIn, () => {
      partly = true;
    }),
  };
  return new Promise((resolve, reject) => {
    const fail = (error: HalliganError) => {
      client.destroy();
      reject(error);
    };
    client.once('ready', () => resolve(lineOf(client, timeout)));
    client.on('error', (error: Error & { level?: string }) => {
      if (strange) return fail(wrongHostKey());
      if (partly) return fail(secondFactor());
      if (error.level === 'client-authentication') {
        client.end();
        return resolve(REFUSED);
      }
      return fail(error.level === 'client-timeout' ? tooLate() : unreachable());
    });
    client.once('close', () => reject(strange ? wrongHostKey() : unreachable()));
    client.connect(settings);
  });
}

/** The library passes over a key that it cannot read, and what it says could quote it. @throws `systems.secret-unusable` */
function requireKey(utils: typeof ssh2.utils, key: Uint8Array): void {
  if (!(utils.parseKey(Buffer.from(key)) instanceof Error)) return;
  throw new HalliganError(
    'systems.secret-unusable',
    'The driver’s private key cannot be read.',
    'Give an unencrypted key in OpenSSH format, made for the rotator alone: ssh-keygen -t ed25519.',
  );
}

/** Offers one method, then nothing: a password is sent to `password`, or to the one question of keyboard-interactive. */
function authHandler(user: string, signIn: SshSignIn, partial: () => void): AuthHandlerMiddleware {
  const offered = new Set<string>();
  return (methods, success, next) => {
    if (success === true) {
      partial();
      return next(false as never);
    }
    const left = methods as readonly string[] | null;
    const may = (method: string) => !offered.has(method) && (left?.includes(method) ?? false);
    if (left === null) return next({ type: 'none', username: user });
    if ('key' in signIn) {
      if (!may('publickey')) return next(false as never);
      offered.add('publickey');
      return next({ type: 'publickey', username: user, key: Buffer.from(signIn.key) });
    }
    const password = new TextDecoder('utf-8', { ignoreBOM: true }).decode(signIn.password);
    if (may('password')) {
      offered.add('password').add('keyboard-interactive');
      return next({ type: 'password', username: user, password });
    }
    if (!may('keyboard-interactive')) return next(false as never);
    offered.add('keyboard-interactive');
    return next({
      type: 'keyboard-interactive',
      username: user,
      prompt: (_name, _instructions, _language, prompts, finish) =>
        finish(prompts.length === 1 ? [password] : []),
    });
  };
}

function lineOf(client: ssh2.Client, timeout: number): SshLine {
  client.removeAllListeners('close');
  client.removeAllListeners('error');
  client.on('error', () => undefined);
  // A host that lets in and then opens no session would be waited for without end.
  const opened = (command: string, terminal: boolean) =>
    new Promise<ClientChannel>((resolve, reject) => {
      const timer = setTimeout(() => reject(tooLate()), timeout);
      try {
        client.exec(command, terminal ? { pty: true } : {}, (error, channel) => {
          clearTimeout(timer);
          if (error === undefined) resolve(channel);
          else reject(unreachable());
        });
      } catch {
        // The library's word for a connection that is gone.
        clearTimeout(timer);
        reject(unreachable());
      }
    });
  return {
    run: async (command, input) => {
      const channel = await opened(command, false);
      return finished(channel, timeout, () => {
        channel.end(input === undefined ? undefined : Buffer.from(input));
      });
    },
    converse: async (command, answers) => {
      const channel = await opened(command, true);
      let at = 0;
      return finished(channel, timeout, () => {
        channel.on('data', (chunk: Buffer) => {
          // Each question ends so, whatever language it is in; the answer is not echoed.
          if (!/:\s*$/.test(chunk.toString('latin1'))) return;
          const answer = answers[at];
          at += 1;
          channel.write(Buffer.concat([answer ?? Buffer.alloc(0), Buffer.from('\n')]));
        });
      });
    },
    end: () => {
      // One that does not hang up in return is not waited for.
      const letGo = setTimeout(() => client.destroy(), LINGER);
      client.once('close', () => clearTimeout(letGo));
      client.end();
    },
  };
}

/** Waits for a command's end, gathers its output, and lets go of a host that never ends it. */
function finished(channel: ClientChannel, timeout: number, begin: () => void): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let exit: number | undefined;
    const timer = setTimeout(() => {
      channel.destroy();
      reject(tooLate());
    }, timeout);
    channel.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MOST_OUTPUT) chunks.push(chunk);
    });
    // Read and dropped: a host that writes a lot there must not stop the channel.
    channel.stderr.resume();
    channel.on('exit', (code: number | null) => {
      exit = code ?? undefined;
    });
    channel.on('error', () => undefined);
    channel.once('close', () => {
      clearTimeout(timer);
      resolve({ exit, out: Buffer.concat(chunks).toString('utf8') });
    });
    begin();
  });
}

/** The signature algorithms of the pinned keys: asked for nothing else, a host shows a key that can be compared. */
function algorithmsOf(hostKeys: readonly string[]) {
  const types = new Set(hostKeys.map((line) => line.split(' ')[0]));
  return [
    ...(types.has('ssh-ed25519') ? (['ssh-ed25519'] as const) : []),
    ...(['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'] as const).filter(
      (type) => types.has(type),
    ),
    ...(types.has('ssh-rsa') ? (['rsa-sha2-512', 'rsa-sha2-256'] as const) : []),
  ];
}

export function wrongHostKey(): HalliganError {
  return new HalliganError(
    'systems.host-key',
    'The host shows another key than the ones that are pinned. Nothing secret was sent to it.',
    'It was set up anew, or somebody answers in its place. Compare its key at its console; two admins sign new settings.',
  );
}

function secondFactor(): HalliganError {
  return new HalliganError(
    'systems.second-factor',
    'The host accepted this, and asks for more to sign in.',
    'An emergency account that needs a second method cannot be proven here: exempt it (Match User) or attest by hand.',
  );
}

export function unreachable(): HalliganError {
  return new HalliganError(
    'systems.unreachable',
    'The host does not answer as an SSH server.',
    'Check host, port and network; an account that a lockout or expiry shuts out may end the connection, too.',
  );
}

export function tooLate(): HalliganError {
  return new HalliganError(
    'systems.timeout',
    'The host took too long.',
    'Whether the last step was done is not known. Try again, or raise the time-out.',
  );
}
