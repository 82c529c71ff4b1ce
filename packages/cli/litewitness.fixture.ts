/** A C2SP witness that is not ours: torchwood's `litewitness`, in Go, with its key in the stock ssh-agent. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { base64 } from '@halligan/format';
import { emptyRoot, logKeysOf } from '@halligan/tlog';

/** The last version that Go 1.26 builds. */
const VERSION = 'v0.9.0';

/** Says nothing where a .tlog-proof, whose entry stands in its extra line, holds under a policy; otherwise why not. */
const VERIFIER = `package main

import (
	"fmt"
	"os"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

func check(policyFile, proofFile string) error {
	text, err := os.ReadFile(policyFile)
	if err != nil {
		return err
	}
	proof, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	policy, err := torchwood.ParsePolicy(text)
	if err != nil {
		return err
	}
	entry, err := torchwood.ProofExtraData(proof)
	if err != nil {
		return err
	}
	return torchwood.VerifyProof(policy, tlog.RecordHash(entry), proof)
}

func main() {
	if err := check(os.Args[1], os.Args[2]); err != nil {
		fmt.Println(err)
	}
}
`;

/** Torchwood's programs, built. */
export interface Torchwood {
  /** Why a proof does not hold in torchwood's verifier under a policy of its kind; empty where it holds. */
  readonly refusal: (policy: string, proof: string) => Promise<string>;
  /** Starts a witness that knows one log. @param logKey as log.pub has it */
  readonly witness: (name: string, logKey: string) => Promise<Litewitness>;
}

/** A witness that listens on loopback. */
export interface Litewitness {
  readonly url: string;
  readonly verifier: string;
  readonly stop: () => Promise<void>;
}

/** Fetches and builds torchwood in an empty folder. @returns why it cannot be had, where it cannot */
export async function buildTorchwood(folder: string): Promise<Torchwood | string> {
  for (const [program, argument] of [
    ['go', 'version'],
    ['ssh-add', '-?'],
  ] as const)
    if (spawnSync(program, [argument]).error !== undefined) return `${program} is not installed`;
  await writeFile(join(folder, 'main.go'), VERIFIER);
  const go = (...parameters: readonly string[]) =>
    spawnSync('go', parameters, { cwd: folder, encoding: 'utf8' });
  go('mod', 'init', 'interop');
  const module = 'filippo.io/torchwood';
  const got = go('get', `${module}@${VERSION}`, `${module}/cmd/litewitness@${VERSION}`);
  if (got.status !== 0)
    return `torchwood cannot be fetched: ${got.stderr.trim().split('\n').at(-1)}`;
  const built = go('build', '-o', '.', '.', `${module}/cmd/litewitness`);
  if (built.status !== 0) throw new Error(`torchwood does not build: ${built.stderr}`);
  return {
    refusal: async (policy, proof) => {
      const files = [join(folder, 'policy'), join(folder, 'proof')] as const;
      await writeFile(files[0], policy);
      await writeFile(files[1], proof);
      return execFileSync(join(folder, 'interop'), files, { encoding: 'utf8' }).trim();
    },
    witness: (name, logKey) => startLitewitness(folder, name, logKey),
  };
}

async function startLitewitness(
  folder: string,
  name: string,
  logKey: string,
): Promise<Litewitness> {
  const socket = join(folder, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(agent.stdout, 'data');
  const key = join(folder, 'witness');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  const fingerprint = execFileSync('ssh-keygen', ['-l', '-f', `${key}.pub`], { encoding: 'utf8' });
  const port = await freePort();
  const database = join(folder, 'witness.db');
  const child = spawn(
    join(folder, 'litewitness'),
    [
      ...['-name', name, '-db', database, '-ssh-agent', socket],
      ...['-key', fingerprint.split(' ')[1] ?? '', '-listen', `127.0.0.1:${port}`],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const stop = async () => {
    for (const one of [child, agent]) await end(one);
  };
  try {
    const verifier = await printedKey(child);
    await untilListening(child, port);
    addLog(database, logKey);
    return { url: `http://127.0.0.1:${port}`, verifier, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** What its tool `witnessctl` does to the database. Of the log's two keys it knows the kind of one. */
function addLog(database: string, logKey: string): void {
  const { origin, classical } = logKeysOf(logKey);
  const opened = new DatabaseSync(database);
  opened
    .prepare('INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)')
    .run(origin, base64(emptyRoot()));
  opened.prepare('INSERT INTO key (origin, key) VALUES (?, ?)').run(origin, classical);
  opened.close();
}

/** The verifier key that it prints at its start. */
async function printedKey(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('standard error is not piped');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const key = /vkey="?([^\s"]+)/.exec(line)?.[1];
    if (key !== undefined) {
      child.stderr.resume();
      return key;
    }
  }
  throw new Error(`litewitness did not start: ${said.join('\n')}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a port is a number');
  return address.port;
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await pause(20);
  }
  throw new Error('litewitness ended before it listened');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
