import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

/** `in`, or what whoever was kept out was told. */
const outcome = z.string();
const seenSchema = z.strictObject({
  /** Before. */
  online: outcome,
  /** The sign-in that met the outage, no window being open. */
  met: outcome,
  inWindow: outcome,
  /** When the window had ended by itself. */
  again: outcome,
  /** Seconds that the sign-in took that met the outage. */
  noticed: z.number(),
  /** Seconds from the provider's return to the end of the window. */
  returned: z.number(),
});

/** What somebody meets whose provider is behind a firewall that drops what is sent there. */
export type Firewalled = z.infer<typeof seenSchema>;

/** What is missing; false where nothing is. */
export function lacking(): string | false {
  if (!existsSync('/usr/sbin/nft')) return 'nftables is not installed';
  if (!existsSync('/usr/sbin/slapd')) return 'slapd is not installed';
  const tried = spawnSync('unshare', ['--net', 'nft', 'add table inet wall']);
  return tried.status === 0 ? false : 'a firewall of its own needs root, and nf_tables';
}

/** Signs in online, in an outage, in a window, and after the provider's return. */
export async function firewalled(kind: 'openid' | 'ldap'): Promise<Firewalled> {
  const script = join(import.meta.dirname, 'behind-firewall.fixture.ts');
  const argv = ['--net', process.execPath, script, kind];
  const { stdout } = await promisify(execFile)('unshare', argv);
  // The provider's library speaks on standard output, too.
  return seenSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}
