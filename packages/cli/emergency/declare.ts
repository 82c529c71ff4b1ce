import { HalliganError } from '@halligan/format';
import {
  type Attachment,
  CAUSES,
  type StatementOf,
  statementDigest,
  subjectOf,
  textAttachment,
} from '@halligan/statement';
import type { Device } from '../device.ts';

export interface Declaration {
  readonly account: string;
  readonly reason: string;
  readonly cause: string;
  /** What shows that normal access failed; without any, an attestation is due. */
  readonly evidence: readonly Attachment[];
  readonly attestation?: string;
  readonly incident: string;
  /** Nobody where the policy lets one person go with an executive. */
  readonly second?: string;
  readonly approver: string;
  readonly witness?: string;
  /** Titles of the people named: `ben: database administrator`, a line each. */
  readonly titles?: string;
  readonly drill: boolean;
  readonly scenario?: StatementOf<'declare'>['scenario'];
}

export async function declare(device: Device, asked: Declaration): Promise<string> {
  const proven = await device.prove({ account: asked.account });
  const account = proven.state.accounts[asked.account];
  if (account === undefined)
    throw new HalliganError(
      'declaration.account',
      `There is no account “${asked.account}”.`,
      'See halligan account list.',
    );
  const reason = textAttachment(asked.reason);
  const incident = textAttachment(asked.incident);
  const attestation = asked.attestation === undefined ? [] : [textAttachment(asked.attestation)];
  const [attested] = attestation;
  const [titles] = asked.titles === undefined ? [] : [textAttachment(asked.titles)];
  const { signed } = await device.say(
    proven,
    'declare',
    {
      subject: subjectOf('account', asked.account),
      purpose: asked.drill ? 'drill' : 'real',
      account: asked.account,
      system: account.document.system,
      reason: reason.digest,
      cause: causeOf(asked.cause),
      evidence: asked.evidence.map(({ digest }) => digest),
      ...(attested === undefined ? {} : { attestation: attested.digest }),
      ...(asked.second === undefined ? {} : { second: asked.second }),
      ...(titles === undefined ? {} : { titles: titles.digest }),
      ...(asked.scenario === undefined ? {} : { scenario: asked.scenario }),
      approver: asked.approver,
      ...(asked.witness === undefined ? {} : { witness: asked.witness }),
      incident: incident.digest,
    },
    {
      attachments: [
        reason,
        incident,
        ...asked.evidence,
        ...attestation,
        ...(titles === undefined ? [] : [titles]),
      ],
    },
  );
  return statementDigest(signed.statement);
}

export function causeOf(text: string): (typeof CAUSES)[number] {
  const cause = CAUSES.find((one) => one === text);
  if (cause !== undefined) return cause;
  throw new HalliganError(
    'cli.usage',
    `“${text}” is no cause.`,
    `Use one of ${CAUSES.join(', ')}.`,
  );
}
