import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, callAt, promptSocketBeside } from '@halligan/device';
import { utf8 } from '@halligan/format';
import {
  type AgentProcess,
  startAgentProcess,
} from '../../packages/cli/offline-sign-in/agent-process.fixture.ts';
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

/** A machine's agent: what it has in memory idle, and with as many sign-ins at once as the issue asks for. */
export async function agentRows(_session: Session): Promise<readonly Row[]> {
  const root = mkdtempSync(join(tmpdir(), 'halligan-bench-agent-'));
  writeFileSync(join(root, 'device.conf'), CONFIGURATION);
  try {
    // The first start compiles, as the first on every machine does.
    await ended(await startAgentProcess(root));
    const began = performance.now();
    const agent = await startAgentProcess(root);
    const cold = performance.now() - began;
    await status(agent);
    const idle = resident(agent);
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
      row({ name: 'agent: start, halligan device agent to ready', unit: 'ms', target: 500 }, [
        cold,
      ]),
      row({ name: 'agent: resident, idle', unit: 'MB', target: 80 }, [idle]),
      row({ name: `agent: resident, ${AT_ONCE} sign-ins at once`, unit: 'MB', target: 200 }, [
        most,
      ]),
      row({ name: `agent: status beside ${AT_ONCE} sign-ins, p95`, unit: 'ms', target: 50 }, [
        quantile(sorted, 0.95),
      ]),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
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
