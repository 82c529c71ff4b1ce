import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ask,
  callAt,
  openRecordFile,
  promptSocketBeside,
  readRecord,
  recordKey,
} from '@halligan/device';
import { utf8 } from '@halligan/format';
import { startSlapd } from '@halligan/systems';
import { z } from 'zod';
import { AGENT_FLAGS, agentProgram } from './become-agent.ts';

/** What came of killing an agent again and again. */
export interface AgentKills {
  readonly kills: number;
  /** Sign-ins and refusals that somebody was told of. */
  readonly acknowledged: number;
  /** What should not have been. */
  readonly wrong: readonly string[];
}

const WRONG = utf8('not the password');
/** How often somebody mistypes at the end, with a blow after each: more than is free. */
const MISTAKES = 7;
const statusSchema = z.looseObject({
  window: z.looseObject({ endsAt: z.number() }).exactOptional(),
});

/**
 * Kills an agent at random moments of sign-ins during an outage, and looks: everything that somebody was told is on its
 * record, which verifies; no window outlasts the end that was told; no wrong guess is forgotten.
 * @param tell told of each kill
 */
export async function agentKills(kills: number, tell: (what: string) => void): Promise<AgentKills> {
  const root = mkdtempSync(join(tmpdir(), 'halligan-agent-kills-'));
  const slapd = await startSlapd({ folder: join(root, 'slapd') });
  const agent = new Victim(root);
  const wrong: string[] = [];
  try {
    writeFileSync(join(root, 'ca.pem'), slapd.ca);
    const bind = slapd.accountDn.replace('breakglass-admin', '{user}');
    writeFileSync(
      join(root, 'device.conf'),
      `[offline_breakglass]\nenabled = true\n[provider]\nkind = ldap\nurl = ${slapd.url}\nca = ${join(root, 'ca.pem')}\nbind = ${bind}\n`,
    );
    const password = slapd.initialPassword;
    await agent.start();
    await agent.signIn(password);
    await slapd.stop();
    const opened = await agent.breakglass();
    for (let kill = 1; kill <= kills; kill += 1) {
      const all = [agent.signIn(password), agent.signIn(password), agent.signIn(password)];
      await pause(Math.random() * 900);
      await agent.kill();
      await Promise.all(all);
      await agent.start();
      const endsAt = await agent.windowEnd();
      if (endsAt !== opened)
        wrong.push(`kill ${kill}: a window to ${opened} is one to ${endsAt ?? 'nothing'}`);
      tell(`kill ${kill}/${kills}`);
    }
    const said: (string | undefined)[] = [];
    for (let at = 0; at < MISTAKES; at += 1) {
      said.push(await agent.signIn(WRONG));
      await agent.kill();
      await agent.start();
    }
    if (!said.some((text) => text?.startsWith('Too many')))
      wrong.push(`wrong guesses were forgotten: ${said.join(', ')}`);
    await agent.kill();
    wrong.push(...(await agent.missing()));
    return { kills: kills + MISTAKES, acknowledged: agent.acknowledged.size, wrong };
  } finally {
    await agent.kill();
    await slapd.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** An agent that is killed, and what people were told by it. */
class Victim {
  readonly acknowledged = new Map<string, 'in' | 'out'>();
  readonly #root: string;
  readonly #socket: string;
  readonly #folder: string;
  #asked = 0;
  #end: () => Promise<void> = () => Promise.resolve();

  constructor(root: string) {
    this.#root = root;
    this.#socket = join(root, 'run', 'agent.sock');
    this.#folder = join(root, 'kept');
  }

  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      [
        ...[...AGENT_FLAGS, agentProgram(), '--config', join(this.#root, 'device.conf')],
        ...['--folder', this.#folder, '--socket', this.#socket],
      ],
      {
        env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(this.#root, 'compiled') },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const ended = once(child, 'close');
    const orphaned = () => child.kill('SIGKILL');
    process.once('exit', orphaned);
    child.once('close', () => process.off('exit', orphaned));
    this.#end = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      if (line.startsWith('Ready at ')) return child.stderr.resume() && undefined;
    }
    throw new Error(`the agent does not start: ${said.join(' ')}`);
  }

  kill(): Promise<void> {
    return this.#end();
  }

  /** @returns what was said to whom was refused; undefined where somebody was let in, or the agent was gone before it answered */
  async signIn(password: Uint8Array): Promise<string | undefined> {
    this.#asked += 1;
    const service = `prompt-${this.#asked}`;
    const verdict = await callAt(
      promptSocketBeside(this.#socket),
      { name: 'breakglass-admin', service },
      password,
      { say: () => undefined },
    );
    if (verdict === undefined || verdict.let === 'not-ours') return undefined;
    this.acknowledged.set(service, verdict.let);
    return verdict.let === 'out' ? verdict.said : undefined;
  }

  async breakglass(): Promise<number> {
    const opened = await ask(this.#socket, {
      ...{ ask: 'breakglass', by: 'root', why: 'It is down.', ttlSeconds: 86_400 },
    });
    return z.looseObject({ endsAt: z.number() }).parse(opened).endsAt;
  }

  async windowEnd(): Promise<number | undefined> {
    const status = statusSchema.parse(await ask(this.#socket, { ask: 'status' }));
    return status.window?.endsAt;
  }

  /** What somebody was told and the record does not say. */
  async missing(): Promise<readonly string[]> {
    const file = openRecordFile(this.#folder, 'read');
    const { reports } = await readRecord(file, recordKey(this.#folder), Number.MAX_SAFE_INTEGER);
    file.close();
    const told = new Map(
      reports.flatMap(({ report }) =>
        report.kind === 'sign-in' || report.kind === 'refusal'
          ? [[report.service, report.kind === 'sign-in' ? 'in' : 'out'] as const]
          : [],
      ),
    );
    return [...this.acknowledged].flatMap(([service, outcome]) =>
      told.get(service) === outcome
        ? []
        : [`${service} was told ${outcome}; the record says ${told.get(service) ?? 'nothing'}`],
    );
  }
}
