import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, callAt, promptSocketBeside } from '@halligan/device';
import { utf8 } from '@halligan/format';
import {
  type AgentProcess,
  startAgentProcess,
} from '../../packages/cli/offline-sign-in/agent-process.fixture.ts';
import { AGENT_FLAGS, agentProgram } from '../../packages/cli/offline-sign-in/become-agent.ts';
import { firewalled, lacking } from '../../packages/cli/offline-sign-in/firewalled.fixture.ts';
import { quantile, type Row, row } from './row.ts';
import type { Session } from './session.ts';

/** Nobody answers there: an outage. */
const CONFIGURATION = `[offline_breakglass]
enabled = true
[provider]
kind = ldap
url = ldaps://127.0.0.1:1
bind = uid={user},dc=example
`;
const AT_ONCE = 50;
const RUNS = 5;
/** Milliseconds of an idle agent in which it is counted how often it ran. */
const IDLE = 10_000;
/** As a person starts it: from the bundle. */
const BY_HAND = [join(import.meta.dirname, '..', '..', 'bin', 'halligan.mjs'), 'device', 'agent'];
const AS_SYSTEMD = [...AGENT_FLAGS, agentProgram()];

/** A machine’s agent: what it has in memory idle, and with as many sign-ins at once as a large machine may see. */
export async function agentRows(session: Session): Promise<readonly Row[]> {
  const root = mkdtempSync(join(tmpdir(), 'halligan-bench-agent-'));
  writeFileSync(join(root, 'device.conf'), CONFIGURATION);
  const compiled = { NODE_COMPILE_CACHE: join(root, 'kept', 'compiled') };
  try {
    // The first start compiles, as the first on every machine does.
    await ended(await startAgentProcess(root, {}, BY_HAND));
    const byHand: number[] = [];
    const bySystemd: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      byHand.push(await startTime(root, {}, BY_HAND));
      bySystemd.push(await startTime(root, compiled, AS_SYSTEMD));
    }
    const agent = await startAgentProcess(root, compiled, AS_SYSTEMD);
    await status(agent);
    const idle = resident(agent);
    const woken = await wakeUps(agent);
    await ask(agent.socket, { ask: 'breakglass', by: 'root', why: 'A figure.' });
    const answers: number[] = [];
    let most = 0;
    let isOver = false;
    const all = Promise.all(Array.from({ length: AT_ONCE }, (_, at) => signIn(agent, at)));
    void all.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const asked = performance.now();
      await status(agent);
      answers.push(performance.now() - asked);
      most = Math.max(most, resident(agent));
    }
    await all;
    await ended(agent);
    const sorted = answers.toSorted((a, b) => a - b);
    return [
      row(
        { name: 'agent: start, halligan device agent to ready', unit: 'ms', target: 500 },
        byHand,
      ),
      row({ name: 'agent: start, by the unit to ready', unit: 'ms', target: 500 }, bySystemd),
      row({ name: 'agent: resident, idle', unit: 'MB', target: 80 }, [idle]),
      row({ name: `agent: wake-ups in ${IDLE / 1000} s, idle`, unit: 'calls', target: 0 }, [woken]),
      row({ name: `agent: resident, ${AT_ONCE} sign-ins at once`, unit: 'MB', target: 200 }, [
        most,
      ]),
      row({ name: `agent: status beside ${AT_ONCE} sign-ins, p95`, unit: 'ms', target: 50 }, [
        quantile(sorted, 0.95),
      ]),
      ...(await outageRows(session)),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** How long an agent takes to see that a firewall has cut its provider off, at the sign-in that meets it, and that it is back. */
async function outageRows({ quick }: Session): Promise<readonly Row[]> {
  const missing = lacking();
  if (missing !== false) {
    console.error(`agent: an outage is left out, ${missing}`);
    return [];
  }
  const rows: Row[] = [];
  for (const kind of ['ldap', 'openid'] as const) {
    const seen = [];
    for (let run = 0; run < (quick ? 1 : RUNS); run += 1) seen.push(await firewalled(kind));
    rows.push(
      row(
        { name: `agent: an outage noticed, firewalled, ${kind}`, unit: 's', target: 5 },
        seen.map(({ noticed }) => noticed),
      ),
      row(
        { name: `agent: the return noticed, ${kind}`, unit: 's', target: 15 },
        seen.map(({ returned }) => returned),
      ),
    );
  }
  return rows;
}

/** Milliseconds from a start to the line that says that it is ready. */
async function startTime(...start: Parameters<typeof startAgentProcess>): Promise<number> {
  const began = performance.now();
  const agent = await startAgentProcess(...start);
  const took = performance.now() - began;
  await ended(agent);
  return took;
}

/** How often a thread of it went to sleep while nobody asked it anything: each time it had been woken before. */
async function wakeUps({ pid }: AgentProcess): Promise<number> {
  // What the start left to do, compiling and clearing up, is done by then.
  await pause(IDLE);
  const before = slept(pid);
  await pause(IDLE);
  return slept(pid) - before;
}

/** Voluntary context switches of all its threads. */
function slept(pid: number): number {
  let all = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    all += Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(text)?.[1] ?? 0);
  }
  return all;
}

async function status({ socket }: AgentProcess): Promise<void> {
  await ask(socket, { ask: 'status' });
}

/** Somebody who is not known costs as much as somebody who is. */
async function signIn({ socket }: AgentProcess, at: number): Promise<void> {
  const caller = { name: `nobody-${at}`, service: 'login' };
  await callAt(promptSocketBeside(socket), caller, utf8('a password'), { say: () => undefined });
}

/** MB, of a million bytes. */
function resident({ pid }: AgentProcess): number {
  const [, kilobytes = '0'] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kilobytes) * 1024) / 1e6;
}

async function ended(agent: AgentProcess): Promise<void> {
  agent.kill('SIGTERM');
  await agent.ended;
}
