import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { programFile } from '@halligan/journal';
import { UNINSPECTED } from './inspector.ts';

/** A program of ours. */
export type Program = 'releaser' | 'rotator';

/** Where a program is: a child with keys in a folder, or behind a socket where another user's unit answers. */
export type Whereabouts = { readonly keys: string } | { readonly socket: string };

/** One conversation's way: lines to a program, lines from it. */
export interface Transport {
  readonly to: Writable;
  readonly from: Readable;
  /** What the program said on standard error: an error code, or nothing. */
  readonly complaint: () => string;
  /** Gives the program up. */
  readonly abandon: () => void;
  /** Resolves when the program has gone. */
  readonly gone: () => Promise<void>;
}

/** Begins a conversation. A program that is not there is noticed when it does not answer. */
export function reach(program: Program, where: Whereabouts): Transport {
  return 'keys' in where ? child(program, where.keys) : behind(where.socket);
}

/** A child of this process, under its user: it inherits no environment and no socket. */
function child(program: Program, keys: string): Transport {
  const script = programFile(join(import.meta.dirname, `${program}.ts`));
  // Compiled code is kept beside the keys, where nobody else can write: it halves the start.
  const env = { NODE_COMPILE_CACHE: join(dirname(keys), 'compiled') };
  const running = spawn(process.execPath, [UNINSPECTED, script, keys], { stdio: 'pipe', env });
  let complaint = '';
  running.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  running.stdin.on('error', () => undefined);
  running.on('error', () => undefined);
  return {
    to: running.stdin,
    from: running.stdout,
    complaint: () => complaint.trim(),
    abandon: () => void running.kill('SIGKILL'),
    gone: async () => {
      if (running.exitCode === null && running.signalCode === null) await once(running, 'close');
    },
  };
}

/** A socket-activated unit: the service manager starts one for each connection, under a user of its own. */
function behind(path: string): Transport {
  const socket = connect({ path, allowHalfOpen: true });
  let complaint = '';
  socket.on('error', (error: Error & { code?: string }) => {
    complaint = `Its socket ${path} does not answer (${error.code ?? 'closed'}). See systemctl status.`;
  });
  return {
    to: socket,
    from: socket,
    complaint: () => complaint,
    abandon: () => void socket.destroy(),
    gone: async () => {
      if (!socket.closed) await once(socket, 'close');
    },
  };
}
