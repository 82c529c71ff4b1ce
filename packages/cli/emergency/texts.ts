import { harmless } from '@halligan/document';
import { HalliganError, utf8Text } from '@halligan/format';
import type { Emergency } from '@halligan/procedure';
import { checkAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';

/** What people wrote when they declared and approved, for those who decide on it. */
export async function textsOf(device: Device, emergency: Emergency): Promise<readonly string[]> {
  const { reason, incident, evidence, attestation, approval, titles, converted, signedOff } =
    emergency;
  const named: readonly (readonly [string, string | undefined])[] = [
    ['reason', reason],
    ...evidence.map((digest) => ['evidence', digest] as const),
    ['attestation', attestation],
    ['incident', incident],
    ['titles', titles],
    ['conditions', approval?.conditions],
    ['became real because', converted?.reason],
    ['the executive', signedOff?.text],
  ];
  const lines: string[] = [];
  for (const [what, digest] of named) {
    if (digest !== undefined)
      lines.push(`  ${what}: ${await textOf(device, emergency.id, digest)}`);
  }
  return lines;
}

/** One text, held to the salted digest that was signed: the server cannot show other words than those. */
export async function textOf(device: Device, emergency: string, digest: string): Promise<string> {
  try {
    const found = checkAttachment(
      await device.api.get(`/v1/emergencies/${emergency}/attachments/${digest}`),
    );
    if (found.digest !== digest) return '[the server showed another text: tell security]';
    return found.mediaType.startsWith('text/plain')
      ? harmless(utf8Text(found.bytes))
      : `[${found.mediaType}, ${found.bytes.length} bytes: see the evidence pack]`;
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return error.code === 'server.large-attachment'
      ? `[a large file: halligan emergency file ${emergency.slice(0, 12)} ${digest.slice(0, 12)} --out FILE]`
      : `[${error.message}]`;
  }
}
