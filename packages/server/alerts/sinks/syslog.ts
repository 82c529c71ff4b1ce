import { readFile } from 'node:fs/promises';
import { connect, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { utf8 } from '@halligan/format';
import { type Alert, DeliveryError } from '../alert.ts';
import type { SyslogSink } from '../settings.ts';

/** The facility of security messages that are private: `authpriv` (RFC 5424 section 6.2.1). */
const FACILITY = 10;
const SEVERITIES = { critical: 2, warning: 4, info: 6 } as const;
const BOM = '\ufeff';
/** Most bytes that a receiver may say: it has nothing to. */
const MOST_SAID = 4096;

/**
 * An RFC 5424 message with octet counting (RFC 6587 section 3.4.1, RFC 5425 section 4.3). Its text is the alert as JSON.
 */
export function syslogFrame(alert: Alert, host: string = hostname()): Uint8Array {
  const priority = FACILITY * 8 + SEVERITIES[alert.severity];
  const name = host.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 255) || '-';
  const header = `<${priority}>1 ${alert.timestamp} ${name} halligan - ${alert.type.slice(0, 32)} -`;
  const message = utf8(`${header} ${BOM}${JSON.stringify(alert)}`);
  return Buffer.concat([utf8(`${message.length} `), message]);
}

/**
 * Sends an alert over TCP or TLS, a connection of its own each. Syslog has no acknowledgement: it counts as delivered
 * when the receiver, having read to the end, closes its side without an error. What a relay then loses is lost.
 */
export async function sendSyslog(
  sink: SyslogSink,
  alert: Alert,
  signal: AbortSignal,
): Promise<void> {
  const { host, port } = sink;
  const ca = sink.ca === undefined ? undefined : await readFile(sink.ca);
  const socket: Socket = sink.tls
    ? connectTls({
        host,
        port,
        minVersion: 'TLSv1.2',
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(ca === undefined ? {} : { ca }),
      })
    : connect({ host, port });
  const stop = () => socket.destroy(new Error('it took too long'));
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once(sink.tls ? 'secureConnect' : 'connect', () => socket.end(syslogFrame(alert)));
      socket.once('end', () => {
        // A receiver that closes before it was told that this is the end has read nothing.
        if (!socket.writableFinished) reject(new Error('closed too early'));
      });
      socket.once('close', (failed) => (failed ? undefined : resolve()));
      let said = 0;
      socket.on('data', (chunk: Buffer) => {
        said += chunk.length;
        if (said > MOST_SAID) socket.destroy(new Error('it is no receiver'));
      });
    });
  } catch (cause) {
    const { code } = Object(cause);
    const known = typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? ` (${code})` : '';
    throw new DeliveryError(`its receiver cannot be reached${known}`, { cause });
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
