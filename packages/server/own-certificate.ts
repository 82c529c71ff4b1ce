import { isIP } from 'node:net';
import { Integer, OctetString, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  GeneralName,
  GeneralNames,
  Time,
  TimeType,
} from 'pkijs';

import type { TlsPair } from './certificate.ts';

const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const DAY = 86_400_000;
/** Devices pin this very certificate: a lapse would only lock people out, on the night when they need to get in. */
const LIFE = 20 * 365 * DAY;
/** UTCTime ends here (RFC 5280 section 4.1.2.5). */
const UTC_TIME_ENDS = Date.UTC(2050, 0);

/** See `makeCertificate` in certificate.ts: this is loaded with the library that writes X.509. @param name checked */
export async function signCertificate(name: string, now: number): Promise<TlsPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ valueHex: serialNumber() });
  // A common name holds 64 characters; longer names stand in the alternative names only, where TLS looks.
  const common = new AttributeTypeAndValue({
    type: COMMON_NAME,
    value: new Utf8String({ value: name.slice(0, 64) }),
  });
  certificate.issuer.typesAndValues.push(common);
  certificate.subject.typesAndValues.push(common);
  certificate.notBefore = timeOf(now - DAY);
  certificate.notAfter = timeOf(now + LIFE);
  certificate.extensions = [
    extension(SUBJECT_ALTERNATIVE_NAME, false, alternativeNames(name).toSchema()),
    extension(BASIC_CONSTRAINTS, true, new BasicConstraints({ cA: false }).toSchema()),
  ];
  await certificate.subjectPublicKeyInfo.importKey(pair.publicKey);
  await certificate.sign(pair.privateKey, 'SHA-256');
  return {
    key: pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', pair.privateKey)),
    cert: pem('CERTIFICATE', certificate.toSchema(true).toBER(false)),
  };
}

function alternativeNames(name: string): GeneralNames {
  const all = [...new Set([name, 'localhost', '127.0.0.1'])];
  return new GeneralNames({ names: all.map(alternativeName) });
}

function alternativeName(name: string): GeneralName {
  if (isIP(name) === 0) return new GeneralName({ type: 2, value: name });
  return new GeneralName({ type: 7, value: new OctetString({ valueHex: addressBytes(name) }) });
}

/** The four or sixteen bytes of an IP address. */
function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.').map(Number));
  const { hostname } = new URL(`http://[${address.split('%')[0] ?? ''}]`);
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::');
  const groups = (text: string) => text.split(':').filter(Boolean);
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)];
  return Uint8Array.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

function extension(
  extnID: string,
  critical: boolean,
  schema: ReturnType<GeneralNames['toSchema']>,
): Extension {
  return new Extension({ extnID, critical, extnValue: schema.toBER(false) });
}

function timeOf(instant: number): Time {
  const type = instant < UTC_TIME_ENDS ? TimeType.UTCTime : TimeType.GeneralizedTime;
  return new Time({ type, value: new Date(instant) });
}

/** Sixteen random bytes, positive and without a leading zero byte (RFC 5280 section 4.1.2.2). */
function serialNumber(): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function pem(label: string, bytes: ArrayBuffer): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
