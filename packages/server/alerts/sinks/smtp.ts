import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { type Alert, DeliveryError } from '../alert.ts';
import type { SmtpSink } from '../settings.ts';
import { linesOf } from '../wording.ts';
import { readSecret } from './secret.ts';

/** How long each step of the conversation may take, milliseconds. */
const STEP = 10_000;
/** Most bytes of one answer of the server's. */
const ANSWER_LIMIT = 64 << 10;

/**
 * Sends an alert as e-mail: to everybody that the sink names, or to the one person that it asks. Resolves when the
 * server has taken it (250 after the data). @param address the person's own, where it asks one
 */
export async function sendMail(
  sink: SmtpSink,
  alert: Alert,
  address: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const [subject = '', ...lines] = linesOf(alert);
  await sendMessage(
    sink,
    {
      to: address === undefined ? sink.to : [address],
      subject,
      text: `${lines.join('\n')}\n`,
      id: alert.id,
      date: new Date(alert.timestamp),
      headers: {
        'X-Halligan-Alert': alert.id,
        ...(alert.severity === 'critical' ? { Importance: 'high' } : {}),
      },
    },
    signal,
  );
}

/** Takes a connection that stands, or why there is none. */
type Connected = (cause: Error | null, socket: { readonly connection: Socket } | false) => void;

/** What is sent by e-mail. */
export interface Message {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** The same each time it is sent: receivers drop what they have already. */
  readonly id: string;
  readonly date: Date;
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly { readonly filename: string; readonly content: Buffer }[];
}

/** Resolves when the server has taken it (250 after the data). @throws {@link DeliveryError} */
export async function sendMessage(
  sink: SmtpSink,
  { to, subject, text, id, date, headers, attachments = [] }: Message,
  signal: AbortSignal,
): Promise<void> {
  const { login } = sink;
  // Loaded for the first message: a server without a mail sink never needs it.
  const { createTransport } = await import('nodemailer');
  const ca = sink.ca === undefined ? {} : { ca: await readFile(sink.ca) };
  const auth =
    login === undefined
      ? {}
      : { auth: { user: login.user, pass: await readSecret(login.password) } };
  // Ours, because the library lets nobody end a conversation: a server that drips would keep each one for ever.
  const socket = new Socket();
  socket.on('error', () => undefined);
  const transport = createTransport({
    getSocket: (_options: unknown, callback: Connected) => {
      socket.once('error', (cause) => callback(cause, false));
      socket.connect(sink.port, sink.host, () => callback(null, { connection: socket }));
    },
    maxResponseSize: ANSWER_LIMIT,
    host: sink.host,
    port: sink.port,
    secure: sink.tls === 'implicit',
    requireTLS: sink.tls === 'starttls',
    ignoreTLS: sink.tls === 'none',
    tls: {
      minVersion: 'TLSv1.2',
      ...ca,
    },
    ...auth,
    connectionTimeout: STEP,
    greetingTimeout: STEP,
    socketTimeout: STEP,
    dnsTimeout: STEP,
    // Nothing of a message is fetched from files or addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stop = () => socket.destroy(new Error('it took too long'));
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    const { rejected } = await transport.sendMail({
      from: sink.from,
      to: [...to],
      subject,
      text,
      messageId: `<${id.replaceAll(':', '.')}@halligan.invalid>`,
      date,
      headers: { 'Auto-Submitted': 'auto-generated', ...headers },
      attachments: [...attachments],
    });
    if (rejected.length > 0)
      throw new DeliveryError('some of its receivers were refused', { rejected: true });
  } catch (cause) {
    throw cause instanceof DeliveryError ? cause : mailError(cause);
  } finally {
    signal.removeEventListener('abort', stop);
    transport.close();
    socket.destroy();
  }
}

/** By its code alone: what a server says may be anything. */
function mailError(cause: unknown): DeliveryError {
  const { code, responseCode } = Object(cause);
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const what = [
    'the mail server',
    status === undefined ? 'gave no answer that counts' : `answered ${status}`,
    typeof code === 'string' && /^[A-Z_]{2,40}$/.test(code) ? `(${code})` : '',
  ];
  return new DeliveryError(what.join(' ').trim(), {
    cause,
    rejected: code === 'EENVELOPE' || code === 'EMESSAGE',
  });
}
