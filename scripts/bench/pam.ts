import { ask, LEAST_COST, makeVerifier } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { Machine, missing } from '../../packages/cli/offline-sign-in/pam/machine.fixture.ts';
import { quantile, type Row, row } from './row.ts';
import type { Session } from './session.ts';

/** Milliseconds that a sign-in may take beyond the key derivation that it is for, of 95 in 100. */
const WANTED = 60;
/** As many files as a service may open by systemd's default: pam_exec closes each of them, open or not. */
const LIMIT = ['prlimit', '--nofile=1024:'];
const RUNS = { quick: 5, full: 40 };

/**
 * Sign-ins in an emergency window through PAM as it is installed. What they cost beyond the key derivation is measured
 * with one that costs next to nothing: PAM, the relay, the socket, the agent and its store, and starting `pamtester`.
 */
export async function pamRows(session: Session): Promise<readonly Row[]> {
  const lacking = missing();
  if (lacking !== false) {
    console.error(`pam: left out, ${lacking}`);
    return [];
  }
  const machine = await Machine.start();
  try {
    await must(machine.halligan('pam', 'install', '--by', 'module'));
    await inOutage(machine, 'real');
    const derived: number[] = [];
    const signedIn: number[] = [];
    for (let turn = 0; turn < (session.quick ? RUNS.quick : RUNS.full); turn += 1) {
      derived.push(...(await session.timed({ quick: 1, full: 1 }, derive)));
      signedIn.push(...(await session.timed({ quick: 1, full: 1 }, () => signIn(machine))));
    }
    const alone = row({ name: 'sign-in: its key derivation alone', unit: 'ms' }, derived);
    const rows = [
      alone,
      row({ name: 'sign-in: offline, through PAM', unit: 'ms', to: alone }, signedIn),
    ];
    await inOutage(machine, 'cheap');
    for (const by of ['module', 'helper'] as const) {
      await must(machine.halligan('pam', 'install', '--by', by));
      const over = await session.timed(RUNS, () => signIn(machine));
      const about = {
        name: `sign-in: all but the derivation, by the ${by}, p95`,
        unit: 'ms',
      } as const;
      const sorted = over.toSorted((a, b) => a - b);
      rows.push(row({ ...about, target: WANTED }, [quantile(sorted, 0.95)]));
    }
    return rows;
  } finally {
    await machine.stop();
  }
}

async function derive(): Promise<void> {
  const about = { subject: 'ana', at: 0, cost: LEAST_COST };
  await makeVerifier(utf8('right'), new Uint8Array(32), new Uint8Array(16), about);
}

/** Leaves an agent that knows a password, whose provider has gone, in an open window. */
async function inOutage(machine: Machine, cost: 'cheap' | 'real'): Promise<void> {
  await machine.endAgent();
  machine.behave({ isThere: true, passwords: { ana: 'right' } });
  await machine.startAgent(cost);
  await signIn(machine);
  machine.behave({ isThere: false, passwords: {} });
  await ask(machine.socket, { ask: 'breakglass', by: 'root', why: 'A figure.' });
}

function signIn(machine: Machine): Promise<void> {
  return must(machine.run([...LIMIT, 'pamtester', 'sudo', 'ana', 'authenticate'], 'right\n'));
}

async function must(running: ReturnType<Machine['run']>): Promise<void> {
  const { code, out } = await running;
  if (code !== 0) throw new Error(out);
}
