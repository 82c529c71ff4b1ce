import { HalliganError, utf8, utf8Text } from '@halligan/format';
import {
  formatPrivateKey,
  parsePrivateKey,
  parsePublicKey,
  type Signer,
} from '@halligan/statement';
import { agentKey } from './ssh-agent.ts';

/** First line of a file that names keys in ssh-agent, where another home has a private key. */
const AGENT_KEYS = 'halligan/agent-keys/v1';

/** Where ssh-agent listens, and how a person is told to touch a key. */
export interface AgentAccess {
  readonly socket: string | undefined;
  readonly say: (line: string) => void;
}

/** What a person signs with. */
export interface SigningKeys {
  readonly signing: Signer;
  /** OpenSSH lines of all keys that may sign for the person, where there are several: two security keys. */
  readonly signers?: readonly string[];
}

/** What a person's home keeps of what signs: the private key, or which keys in ssh-agent to ask. */
export function signingKeyFile({ signing, signers }: SigningKeys, comment: string): Uint8Array {
  if ('seed' in signing) return formatPrivateKey(signing, comment);
  return utf8(`${[AGENT_KEYS, ...(signers ?? [signing.publicKey])].join('\n')}\n`);
}

/** @throws `statement.key`; for a key in ssh-agent `cli.no-agent`, `cli.agent-key` */
export async function readSigningKey(file: Uint8Array, agent: AgentAccess): Promise<SigningKeys> {
  const [first, ...lines] = utf8Text(file).trimEnd().split('\n');
  if (first !== AGENT_KEYS) return { signing: await parsePrivateKey(file) };
  return { signing: await agentKey(lines, agent.socket, agent.say), signers: lines };
}

/**
 * Keys in ssh-agent, named by their `.pub` files.
 * @param files contents of the files
 * @throws `cli.agent-key` where none is given or one is given twice, `statement.key`, `statement.key-type`, `cli.no-agent`
 */
export async function keysInAgent(
  files: readonly Uint8Array[],
  agent: AgentAccess,
): Promise<{ readonly signing: Signer; readonly signers: readonly string[] }> {
  const signers = files.map((file) => parsePublicKey(utf8Text(file)).publicKey);
  if (new Set(signers).size !== signers.length)
    throw new HalliganError(
      'cli.agent-key',
      'The same key is given twice.',
      'Give each security key once: --agent-key a.pub --agent-key b.pub.',
    );
  return { signing: await agentKey(signers, agent.socket, agent.say), signers };
}
