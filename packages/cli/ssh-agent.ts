import { connect } from 'node:net';
import { concat, HalliganError } from '@halligan/format';
import {
  addKeyRequest,
  agentKeys,
  agentSignature,
  identitiesRequest,
  parsePublicKey,
  type RemoteKey,
  requireAdded,
  type SigningKey,
  signRequest,
} from '@halligan/statement';

/** Longest that an agent may take, milliseconds: somebody has to find the key, type its PIN and touch it. */
const PATIENCE = 120_000;
/** Bytes of an answer. */
const LIMIT = 256 << 10;

/**
 * Signs with whichever of these keys ssh-agent holds: of two security keys, one may lie in a safe.
 * @param lines OpenSSH public keys, first come first served
 * @param socket where the agent listens: SSH_AUTH_SOCK
 * @param say tells the person to touch the key
 * @throws `cli.no-agent`, `cli.agent-key`, `statement.agent`
 */
export async function agentKey(
  lines: readonly string[],
  socket: string | undefined,
  say: (line: string) => void = () => undefined,
): Promise<RemoteKey> {
  if (socket === undefined || socket === '')
    throw new HalliganError(
      'cli.no-agent',
      'Your signing key is in ssh-agent, and no agent runs here (SSH_AUTH_SOCK is not set).',
      'Start one: eval "$(ssh-agent)"; then load the key: ssh-add FILE.',
    );
  const held = agentKeys(await asked(socket, identitiesRequest()));
  const wanted = lines.map((line) => parsePublicKey(line));
  const key = wanted.find((one) => held.some(({ publicKey }) => publicKey === one.publicKey));
  if (key === undefined)
    throw new HalliganError(
      'cli.agent-key',
      'ssh-agent does not hold your signing key.',
      'Plug the security key in and load it: ssh-add FILE. See what it holds: ssh-add -L.',
    );
  return {
    publicKey: key.publicKey,
    signData: async (data) => {
      if (key.type !== 'ssh-ed25519') say('Touch your security key when it blinks.');
      return agentSignature(await asked(socket, signRequest(key, data)));
    },
  };
}

/** An agent that takes keys. */
export interface KeyAgent {
  /** Gives it a key that it forgets by itself. @throws `cli.no-agent`, `statement.agent` */
  readonly add: (
    key: SigningKey,
    comment: string,
    seconds: number,
    certificate?: Uint8Array,
  ) => Promise<void>;
}

/**
 * The agent of this session, once it has answered: what it is to hold is revealed only when it is there.
 * @param socket SSH_AUTH_SOCK
 * @throws `cli.no-agent`
 */
export async function keyAgent(socket: string | undefined): Promise<KeyAgent> {
  if (socket === undefined || socket === '')
    throw new HalliganError(
      'cli.no-agent',
      'No ssh-agent runs here (SSH_AUTH_SOCK is not set).',
      'Start one: eval "$(ssh-agent)"; then run this again.',
    );
  agentKeys(await asked(socket, identitiesRequest()));
  return {
    add: async (key, comment, seconds, certificate) => {
      const request = addKeyRequest(key, comment, seconds, certificate);
      try {
        requireAdded(await asked(socket, request));
      } finally {
        request.fill(0);
      }
    },
  };
}

/** One question, one answer: each is a length of four bytes and as many bytes. @throws `cli.no-agent` */
async function asked(socket: string, question: Uint8Array): Promise<Uint8Array> {
  const connection = connect({ path: socket });
  connection.setTimeout(PATIENCE, () => connection.destroy(new Error('The agent takes too long.')));
  try {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, question.length);
    connection.write(concat(length, question));
    let received: Uint8Array = new Uint8Array();
    for await (const chunk of connection) {
      received = concat(received, chunk);
      const whole = answerIn(received);
      if (whole !== undefined) return whole;
    }
    throw new Error('The agent ended the conversation.');
  } catch (cause) {
    throw new HalliganError(
      'cli.no-agent',
      'ssh-agent does not answer.',
      'Check that the agent of SSH_AUTH_SOCK runs: ssh-add -L.',
      { cause },
    );
  } finally {
    connection.destroy();
  }
}

/** The answer, once all of it is there. What is too long is refused before it is collected. */
function answerIn(received: Uint8Array): Uint8Array | undefined {
  if (received.length < 4) return undefined;
  const length = new DataView(received.buffer, received.byteOffset).getUint32(0);
  if (length > LIMIT) throw new Error('The agent answers too much.');
  return received.length < 4 + length ? undefined : received.slice(4, 4 + length);
}
